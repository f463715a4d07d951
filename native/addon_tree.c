/* What all work on trees shares. Sources: openat2(2), unlinkat(2). */
#define _GNU_SOURCE
#include "addon_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

napi_value bytes_result(struct call *call, const char *bytes, size_t length)
{
	napi_value result = NULL;

	napi_create_string_latin1(call->env, bytes, length, &result);
	return result;
}

static void *array_argument(struct call *call, size_t index, napi_typedarray_type wanted, size_t *count)
{
	napi_typedarray_type type;
	void *data = NULL;

	*count = 0;
	if (napi_get_typedarray_info(call->env, call->arguments[index], &type, count, &data, NULL, NULL) == napi_ok &&
	    type == wanted)
		return data;
	*count = 0;
	return NULL;
}

char *buffer_argument(struct call *call, size_t index, size_t *length)
{
	return array_argument(call, index, napi_uint8_array, length);
}

const double *doubles_argument(struct call *call, size_t index, size_t *count)
{
	return array_argument(call, index, napi_float64_array, count);
}

int open_beneath(int root, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned int)(flags | O_CLOEXEC),
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int fd;

	do {
		fd = (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));
	} while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	return fd;
}

/* A directory that is missing is made, below one that is made in its turn; what is there and no directory is not. */
static int make_directory(int root, char *path)
{
	const char *name;
	int parent = open_parent(root, path, &name, 1);
	int result;

	if (parent < 0)
		return -1;
	result = mkdirat(parent, name, 0755);
	close_keeping_errno(parent);
	if (result < 0) {
		errno = errno == EEXIST ? ENOTDIR : errno;
		return -1;
	}
	return open_beneath(root, path, O_PATH | O_DIRECTORY);
}

int open_parent(int root, char *path, const char **name, int make)
{
	char *slash = strrchr(path, '/');
	int fd;

	*name = slash == NULL ? path : slash + 1;
	if (slash == NULL)
		return open_beneath(root, ".", O_PATH | O_DIRECTORY);
	*slash = '\0';
	fd = open_beneath(root, path, O_PATH | O_DIRECTORY);
	if (fd < 0 && errno == ENOENT && make)
		fd = make_directory(root, path);
	*slash = '/';
	return fd;
}

int open_argument_parent(struct call *call, char *path, const char **name, int make)
{
	return bytes_argument(call, 1, path) < 0 ? -1 : open_parent(int_argument(call, 0), path, name, make);
}

/* Deeper directories are moved up first: a container can make a tree that is deeper than a process has descriptors. */
#define MAX_DEPTH 64

struct removal {
	int top;
	unsigned int moved;
};

static int remove_below(struct removal *removal, int parent, const char *name, int depth);

static int remove_entries(struct removal *removal, int directory, int depth)
{
	DIR *stream = fdopendir(directory);
	struct dirent *entry;
	int result = 0;

	if (stream == NULL) {
		close_keeping_errno(directory);
		return -1;
	}
	while (result == 0 && (entry = readdir(stream)) != NULL) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			result = remove_below(removal, dirfd(stream), name, depth + 1);
	}
	int err = errno;
	closedir(stream);
	errno = err;
	return result;
}

static int move_up(struct removal *removal, int parent, const char *name)
{
	char moved[64];

	do {
		snprintf(moved, sizeof(moved), ".removed-%d-%u", (int)getpid(), removal->moved++);
	} while (faccessat(removal->top, moved, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
	return renameat(parent, name, removal->top, moved);
}

static int remove_below(struct removal *removal, int parent, const char *name, int depth)
{
	int directory;

	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -1;
	if (depth > MAX_DEPTH)
		return move_up(removal, parent, name);
	directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory < 0 || remove_entries(removal, directory, depth) < 0)
		return -1;
	/* What was moved up into it meanwhile is removed by the next round. */
	return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOTEMPTY ? -1 : 0;
}

int remove_tree(int parent, const char *name)
{
	struct removal removal = { .top = -1 };

	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	removal.top = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (removal.top < 0)
		return -1;
	for (;;) {
		unsigned int moved = removal.moved;
		int result = remove_below(&removal, parent, name, 0);

		if (result == 0 && removal.moved != moved)
			continue;
		close_keeping_errno(removal.top);
		return result;
	}
}

napi_value addon_removeTree(struct call *call)
{
	char path[PATH_SIZE];

	if (path_argument(call, 0, path) < 0 || remove_tree(AT_FDCWD, path) < 0)
		return fail(call, "unlinkat", path);
	return NULL;
}

napi_value addon_treeRemove(struct call *call)
{
	char path[PATH_SIZE];
	const char *name;
	int parent = open_argument_parent(call, path, &name, 0);
	int result;

	if (parent < 0)
		return fail(call, "openat2", NULL);
	result = remove_tree(parent, name);
	close_keeping_errno(parent);
	return result < 0 ? fail(call, "unlinkat", NULL) : NULL;
}
