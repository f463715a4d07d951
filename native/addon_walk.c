/* Trees, read. Every step goes from a directory's descriptor, so that a container cannot swap a directory for a link. */
#define _GNU_SOURCE
#include "addon_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

static void proc_name(int directory, const char *name, char *path)
{
	snprintf(path, PATH_SIZE + 64, "/proc/self/fd/%d/%s", directory, name);
}

/* How many bytes the names of its extended attributes take; a filesystem without any has none. */
static ssize_t xattr_size(int directory, const char *name)
{
	char path[PATH_SIZE + 64];
	ssize_t size;

	proc_name(directory, name, path);
	size = llistxattr(path, NULL, 0);
	return size < 0 ? 0 : size;
}

int look_at(int directory, const char *name, int with_file_xattrs, double *facts)
{
	struct stat info;

	if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	facts[F_MODE] = info.st_mode;
	facts[F_UID] = info.st_uid;
	facts[F_GID] = info.st_gid;
	facts[F_SIZE] = (double)info.st_size;
	facts[F_SECONDS] = (double)info.st_mtim.tv_sec;
	facts[F_NANOSECONDS] = (double)info.st_mtim.tv_nsec;
	facts[F_LINKS] = (double)info.st_nlink;
	facts[F_INODE] = (double)info.st_ino;
	facts[F_DEVICE] = (double)info.st_dev;
	facts[F_MAJOR] = major(info.st_rdev);
	facts[F_MINOR] = minor(info.st_rdev);
	facts[F_BLOCKS] = (double)info.st_blocks;
	facts[F_XATTRS] = with_file_xattrs || !S_ISREG(info.st_mode) ? (double)xattr_size(directory, name) : 0;
	return 0;
}

napi_value doubles_result(struct call *call, const double *values, size_t count)
{
	napi_value buffer = NULL, array = NULL;
	void *data = NULL;

	napi_create_arraybuffer(call->env, count * sizeof(double), &data, &buffer);
	if (count > 0)
		memcpy(data, values, count * sizeof(double));
	napi_create_typedarray(call->env, napi_float64_array, count, buffer, 0, &array);
	return array;
}

/* Of a path below the directory; undefined when nothing has it. */
napi_value addon_treeLook(struct call *call)
{
	double facts[F_COUNT];
	char path[PATH_SIZE];
	const char *name;
	int parent = open_argument_parent(call, path, &name, 0);
	int result;

	if (parent < 0)
		return errno == ENOENT || errno == ENOTDIR ? NULL : fail(call, "openat2", NULL);
	result = look_at(parent, name, 1, facts);
	close_keeping_errno(parent);
	if (result == 0)
		return doubles_result(call, facts, F_COUNT);
	return errno == ENOENT ? NULL : fail(call, "fstatat", NULL);
}

napi_value addon_treeReadLink(struct call *call)
{
	char name[PATH_SIZE], target[PATH_SIZE];
	ssize_t length = bytes_argument(call, 1, name) < 0 ?
		-1 : readlinkat(int_argument(call, 0), name, target, sizeof(target));

	return length < 0 ? fail(call, "readlinkat", NULL) : bytes_result(call, target, (size_t)length);
}

int open_regular(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat info;

	if (fd < 0 || (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

napi_value addon_treeOpen(struct call *call)
{
	char name[PATH_SIZE];
	int fd = bytes_argument(call, 1, name) < 0 ? -1 : open_regular(int_argument(call, 0), name);

	return fd < 0 ? fail(call, "openat", NULL) : int_result(call, fd);
}

ssize_t read_into(int fd, char *data, size_t length, off_t position)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = pread(fd, data + done, length - done, position + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

napi_value addon_readAt(struct call *call)
{
	size_t length;
	char *data = buffer_argument(call, 1, &length);
	ssize_t n = read_into(int_argument(call, 0), data, length, long_argument(call, 2));

	return n < 0 ? fail(call, "pread", NULL) : int_result(call, n);
}

/* The next range of a sparse file that has data, from the position on: [start, end], or undefined. */
napi_value addon_dataRange(struct call *call)
{
	int fd = int_argument(call, 0);
	off_t start = lseek(fd, long_argument(call, 1), SEEK_DATA);
	double range[2];

	if (start < 0)
		return errno == ENXIO ? NULL : fail(call, "lseek", NULL);
	range[0] = (double)start;
	range[1] = (double)lseek(fd, start, SEEK_HOLE);
	return range[1] < 0 ? fail(call, "lseek", NULL) : doubles_result(call, range, 2);
}

static napi_value xattr_value(struct call *call, const char *path, const char *name)
{
	ssize_t size = lgetxattr(path, name, NULL, 0);
	napi_value result = NULL;
	void *data = NULL;

	if (size < 0)
		return NULL;
	napi_create_buffer(call->env, (size_t)size, &data, &result);
	if (size > 0 && lgetxattr(path, name, data, (size_t)size) != size)
		return NULL;
	return result;
}

/* [name, value, name, value …]; one that cannot be read, or is gone meanwhile, is left out. */
napi_value addon_treeXattrs(struct call *call)
{
	char last[PATH_SIZE], path[PATH_SIZE + 64], names[65536];
	napi_value result = NULL;
	uint32_t count = 0;
	ssize_t size;

	if (bytes_argument(call, 1, last) < 0)
		return fail(call, "llistxattr", NULL);
	proc_name(int_argument(call, 0), last, path);
	size = llistxattr(path, names, sizeof(names));
	napi_create_array(call->env, &result);
	for (const char *name = names; size > 0 && name < names + size; name += strlen(name) + 1) {
		napi_value value = xattr_value(call, path, name);

		if (value == NULL)
			continue;
		napi_set_element(call->env, result, count++, bytes_result(call, name, NAPI_AUTO_LENGTH));
		napi_set_element(call->env, result, count++, value);
	}
	return result;
}
