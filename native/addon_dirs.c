/* Directories: making, removing, listing, locking. */
#define _GNU_SOURCE
#include "addon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

napi_value addon_makeDir(struct call *call)
{
	char path[PATH_SIZE];

	if (path_argument(call, 0, path) < 0 || mkdir(path, (mode_t)int_argument(call, 1) & 07777) < 0)
		return fail(call, "mkdir", path);
	return NULL;
}

/* A directory; one that exists is fine. */
static int make_dir(const char *path, mode_t mode)
{
	struct stat info;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST || stat(path, &info) < 0)
		return -1;
	errno = ENOTDIR;
	return S_ISDIR(info.st_mode) ? 0 : -1;
}

/* Only where its parent is missing, the path's own directories first: a file in the place of one fails at the next. */
static int make_dirs(char *path, mode_t mode)
{
	if (make_dir(path, mode) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, mode) < 0 && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return make_dir(path, mode);
}

napi_value addon_makeDirs(struct call *call)
{
	char path[PATH_SIZE];

	if (path_argument(call, 0, path) < 0 || make_dirs(path, (mode_t)int_argument(call, 1) & 07777) < 0)
		return fail(call, "mkdir", path);
	return NULL;
}

napi_value addon_removeDir(struct call *call)
{
	char path[PATH_SIZE];

	if (path_argument(call, 0, path) < 0 || rmdir(path) < 0)
		return fail(call, "rmdir", path);
	return NULL;
}

int is_dot_or_dots(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* Most file systems tell a name's type with it; looking at each file of a cgroup would have the kernel make it first. */
static int is_directory(DIR *directory, const struct dirent *entry)
{
	struct stat info;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dirfd(directory), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

napi_value addon_listDir(struct call *call)
{
	int directories_only = bool_argument(call, 1);
	char path[PATH_SIZE];
	napi_value names = NULL;
	struct dirent *entry;
	uint32_t count = 0;
	DIR *directory;

	if (path_argument(call, 0, path) < 0)
		return fail(call, "opendir", path);
	directory = opendir(path);
	if (directory == NULL)
		return fail(call, "opendir", path);
	napi_create_array(call->env, &names);
	errno = 0;
	while ((entry = readdir(directory)) != NULL) {
		if (!is_dot_or_dots(entry->d_name) && (!directories_only || is_directory(directory, entry)))
			napi_set_element(call->env, names, count++, text_result(call, entry->d_name, NAPI_AUTO_LENGTH));
		errno = 0;
	}
	if (errno != 0)
		names = fail(call, "readdir", path);
	closedir(directory);
	return names;
}

/* Of the first name in the directory, because a filesystem tells them of all or of none. Source: readdir(3), d_type. */
napi_value addon_tellsTypes(struct call *call)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	DIR *directory;
	int tells;

	if (path_argument(call, 0, path) < 0)
		return fail(call, "opendir", path);
	directory = opendir(path);
	if (directory == NULL)
		return fail(call, "opendir", path);
	do {
		entry = readdir(directory);
	} while (entry != NULL && is_dot_or_dots(entry->d_name));
	tells = entry != NULL && entry->d_type != DT_UNKNOWN;
	closedir(directory);
	return bool_result(call, tells);
}

/* Who waits for a lock may get that of a directory that was removed meanwhile, and whose name is another's by then. */
static int is_named(int fd, const char *path)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
	       opened.st_ino == named.st_ino;
}

/* The descriptor that holds the lock; -1 with EWOULDBLOCK when another holds it and waiting is not wanted. */
static int lock_path(const char *path, int flags, int operation)
{
	for (;;) {
		int fd = open(path, flags | O_CLOEXEC, 0600);

		if (fd < 0)
			return -1;
		while (flock(fd, operation) < 0) {
			if (errno == EINTR)
				continue;
			close_keeping_errno(fd);
			return -1;
		}
		if (is_named(fd, path))
			return fd;
		close(fd);
	}
}

static napi_value lock_result(struct call *call, int flags, int operation)
{
	char path[PATH_SIZE];
	int fd;

	if (path_argument(call, 0, path) < 0)
		return fail(call, "open", path);
	fd = lock_path(path, flags, operation);
	if (fd >= 0)
		return int_result(call, fd);
	return errno == EWOULDBLOCK ? NULL : fail(call, "flock", path);
}

napi_value addon_lockDir(struct call *call)
{
	return lock_result(call, O_RDONLY | O_DIRECTORY, LOCK_EX | (bool_argument(call, 1) ? 0 : LOCK_NB));
}

napi_value addon_lockFile(struct call *call)
{
	int kind = bool_argument(call, 1) ? LOCK_SH : LOCK_EX;

	return lock_result(call, O_RDWR | O_CREAT | O_NOFOLLOW, kind | (bool_argument(call, 2) ? 0 : LOCK_NB));
}

/* Whether somebody holds the exclusive lock of a file; not where there is none. */
napi_value addon_isLocked(struct call *call)
{
	char path[PATH_SIZE];
	int fd, is_held;

	if (path_argument(call, 0, path) < 0)
		return fail(call, "open", path);
	fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? bool_result(call, 0) : fail(call, "open", path);
	is_held = flock(fd, LOCK_SH | LOCK_NB) < 0;
	close_keeping_errno(fd);
	return is_held && errno != EWOULDBLOCK ? fail(call, "flock", path) : bool_result(call, is_held);
}
