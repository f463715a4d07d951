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
