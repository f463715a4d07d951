/* Files. Every descriptor is close-on-exec; no path is followed through a final symlink to create or replace. */
#define _GNU_SOURCE
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_FILE (O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)

/* The process of a /proc file may end between open and read: that is "missing" too. */
static int is_missing(int err)
{
	return err == ENOENT || err == ENOTDIR || err == ESRCH;
}

napi_value addon_readText(struct call *call)
{
	char path[PATH_SIZE];
	napi_value result = NULL;
	size_t length;
	char *text;
	int fd;

	if (path_argument(call, 0, path) < 0)
		return fail(call, "open", path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return is_missing(errno) && bool_argument(call, 2) ? NULL : fail(call, "open", path);
	text = read_all(fd, (size_t)long_argument(call, 1), &length);
	close_keeping_errno(fd);
	if (text != NULL)
		result = text_result(call, text, length);
	else if (!is_missing(errno) || !bool_argument(call, 2))
		fail(call, "read", path);
	free(text);
	return result;
}

/* The text, undefined for a missing file, or an errno. */
static napi_value text_of(struct call *call, const char *path, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t length;
	char *text = fd < 0 ? NULL : read_all(fd, max, &length);
	napi_value result = NULL;

	if (fd >= 0)
		close_keeping_errno(fd);
	if (text != NULL)
		result = text_result(call, text, length);
	else if (is_missing(errno))
		napi_get_undefined(call->env, &result);
	else
		result = int_result(call, errno);
	free(text);
	return result;
}

/* The paths come as one string, with a NUL behind each. */
napi_value addon_readTexts(struct call *call)
{
	size_t length, max = (size_t)long_argument(call, 1);
	char *paths = text_argument(call, 0, &length);
	napi_value texts = NULL;
	uint32_t count = 0;

	if (paths == NULL || napi_create_array(call->env, &texts) != napi_ok) {
		free(paths);
		return fail(call, "open", NULL);
	}
	for (size_t at = 0; at < length; at += strlen(paths + at) + 1)
		napi_set_element(call->env, texts, count++, text_of(call, paths + at, max));
	free(paths);
	return texts;
}

/* Writes argument 1 into the file opened with these flags; with `sync` it is on the disk afterwards. */
static const char *write_file(struct call *call, const char *path, int flags, int sync)
{
	size_t length;
	char *text = text_argument(call, 1, &length);
	const char *failed = NULL;
	int fd;

	if (text == NULL)
		return "write";
	fd = open(path, flags, (mode_t)int_argument(call, 2) & 07777);
	if (fd < 0)
		failed = "open";
	else if (write_all(fd, text, length) < 0)
		failed = "write";
	else if (sync && fsync(fd) < 0)
		failed = "fsync";
	if (fd >= 0)
		close_keeping_errno(fd);
	free(text);
	return failed;
}

/* A rename is durable once its directory is; some filesystems cannot sync one and say EINVAL. */
static int sync_parent(const char *path)
{
	char parent[PATH_SIZE];
	const char *slash = strrchr(path, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	int fd, result;

	memcpy(parent, path, length);
	memcpy(parent + length, ".", 2);
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = fsync(fd);
	close_keeping_errno(fd);
	return result < 0 && errno != EINVAL ? -1 : 0;
}

/* "dir/.name.<pid>" for "dir/name". */
static int temporary_name(const char *path, char *temporary)
{
	const char *slash = strrchr(path, '/');
	int directory = slash == NULL ? 0 : (int)(slash - path) + 1;
	int length = snprintf(temporary, PATH_SIZE, "%.*s.%s.%d", directory, path, path + directory, (int)getpid());

	if (length < PATH_SIZE)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

napi_value addon_writeAtomic(struct call *call)
{
	char path[PATH_SIZE], temporary[PATH_SIZE];
	const char *failed;
	int durable;

	if (path_argument(call, 0, path) < 0 || temporary_name(path, temporary) < 0)
		return fail(call, "open", path);
	durable = bool_argument(call, 3);
	failed = write_file(call, temporary, NEW_FILE, durable);
	if (failed != NULL && errno == EEXIST && unlink(temporary) == 0) /* left by a process that died with this pid */
		failed = write_file(call, temporary, NEW_FILE, durable);
	if (failed == NULL && rename(temporary, path) < 0)
		failed = "rename";
	if (failed != NULL) {
		int err = errno;

		unlink(temporary);
		errno = err;
		return fail(call, failed, path);
	}
	return durable && sync_parent(path) < 0 ? fail(call, "fsync", path) : NULL;
}

static napi_value write_with(struct call *call, int flags)
{
	char path[PATH_SIZE];
	const char *failed;

	if (path_argument(call, 0, path) < 0)
		return fail(call, "open", path);
	failed = write_file(call, path, flags, 0);
	return failed == NULL ? NULL : fail(call, failed, path);
}

napi_value addon_createFile(struct call *call)
{
	return write_with(call, NEW_FILE);
}

/* For cgroupfs and procfs: the file is there already, and one write carries one value. */
napi_value addon_writeExisting(struct call *call)
{
	return write_with(call, O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

napi_value addon_appendText(struct call *call)
{
	return write_with(call, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC);
}

napi_value addon_unlink(struct call *call)
{
	char path[PATH_SIZE];

	if (path_argument(call, 0, path) < 0 || unlink(path) < 0)
		return fail(call, "unlink", path);
	return NULL;
}

/* st_mode of the path itself, undefined when there is nothing. */
napi_value addon_fileMode(struct call *call)
{
	char path[PATH_SIZE];
	struct stat info;

	if (path_argument(call, 0, path) < 0)
		return fail(call, "lstat", path);
	if (lstat(path, &info) < 0)
		return is_missing(errno) ? NULL : fail(call, "lstat", path);
	return int_result(call, info.st_mode);
}

napi_value addon_isWritable(struct call *call)
{
	char path[PATH_SIZE];

	if (path_argument(call, 0, path) < 0)
		return fail(call, "faccessat", path);
	return bool_result(call, faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0);
}

napi_value addon_realPath(struct call *call)
{
	char path[PATH_SIZE], resolved[PATH_MAX];

	if (path_argument(call, 0, path) < 0)
		return fail(call, "realpath", path);
	if (realpath(path, resolved) == NULL)
		return fail(call, "realpath", path);
	return text_result(call, resolved, NAPI_AUTO_LENGTH);
}

/* Also of the links in /proc whose target is no path. */
napi_value addon_readLink(struct call *call)
{
	char path[PATH_SIZE], target[PATH_SIZE];
	ssize_t length = path_argument(call, 0, path) < 0 ? -1 : readlink(path, target, sizeof(target));

	return length < 0 ? fail(call, "readlink", path) : text_result(call, target, (size_t)length);
}

napi_value addon_openFile(struct call *call)
{
	char path[PATH_SIZE];
	int fd;

	if (path_argument(call, 0, path) < 0)
		return fail(call, "open", path);
	fd = open(path, int_argument(call, 1) | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? fail(call, "open", path) : int_result(call, fd);
}
