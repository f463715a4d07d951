/* Names inside a container's root filesystem, which is hostile. */
#define _GNU_SOURCE
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The directory of a path of the container; symbolic links cannot lead out of its root. */
static int open_parent_in_root(int root, const char *path, size_t length)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	char parent[PATH_SIZE];

	memcpy(parent, path, length);
	strcpy(parent + length, length ? "" : "/");
	return (int)syscall(SYS_openat2, root, parent, &how, sizeof(how));
}

/* An empty directory or file, a device, a symbolic link: all that the runtime makes there. */
static int remove_empty(int parent, const char *name)
{
	struct stat info;

	if (fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (S_ISDIR(info.st_mode))
		return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOTEMPTY ? -1 : 0;
	return info.st_size == 0 || S_ISLNK(info.st_mode) ? unlinkat(parent, name, 0) : 0;
}

napi_value addon_removeInRoot(struct call *call)
{
	char root[PATH_SIZE], path[PATH_SIZE];
	const char *slash;
	int root_fd, parent, err;

	if (path_argument(call, 0, root) < 0 || path_argument(call, 1, path) < 0)
		return fail(call, "openat2", root);
	slash = strrchr(path, '/');
	if (slash == NULL) {
		errno = EINVAL;
		return fail(call, "openat2", path);
	}
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return fail(call, "open", root);
	parent = open_parent_in_root(root_fd, path, (size_t)(slash - path));
	close_keeping_errno(root_fd);
	if (parent < 0)
		return errno == ENOENT ? NULL : fail(call, "openat2", path);
	err = remove_empty(parent, slash + 1);
	close_keeping_errno(parent);
	return err < 0 ? fail(call, "unlinkat", path) : NULL;
}

/* Opens what a path of the container means to it: symbolic links cannot lead out of its root. */
napi_value addon_openInRoot(struct call *call)
{
	uint32_t flags = (uint32_t)int_argument(call, 2);
	struct open_how how = { .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	char root[PATH_SIZE], path[PATH_SIZE];
	int root_fd, fd;

	if (path_argument(call, 0, root) < 0 || path_argument(call, 1, path) < 0)
		return fail(call, "openat2", root);
	/* A descriptor that only names a file takes no flag for opening it. */
	how.flags = flags | (uint32_t)O_CLOEXEC | (flags & (uint32_t)O_PATH ? 0 : (uint32_t)O_NOCTTY);
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return fail(call, "open", root);
	fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	close_keeping_errno(root_fd);
	return fd < 0 ? fail(call, "openat2", path) : int_result(call, fd);
}
