/* Removing trees, one or several at once. Source: unlinkat(2). */
#define _GNU_SOURCE
#include "addon_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

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

		if (!is_dot_or_dots(name))
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

/* What one thread removes; `error` is 0 or an errno. */
struct task {
	char path[PATH_SIZE];
	int error;
};

static void *run_task(void *argument)
{
	struct task *task = argument;

	task->error = remove_tree(AT_FDCWD, task->path) < 0 ? errno : 0;
	return NULL;
}

/*
 * Each is tried, at the same time, because where the filesystem tells the disk at once what is free, removing a directory
 * waits for that; the first that failed is told.
 */
napi_value addon_removeTrees(struct call *call)
{
	size_t count = (size_t)int_argument(call, 0);
	struct task tasks[MAX_THREADS];

	for (size_t i = 0; i < count; i++) {
		errno = EINVAL;
		if (i == MAX_THREADS || path_argument(call, i + 1, tasks[i].path) < 0)
			return fail(call, "unlinkat", NULL);
	}
	run_in_threads(run_task, tasks, sizeof(*tasks), count);
	for (size_t i = 0; i < count; i++) {
		errno = tasks[i].error;
		if (errno != 0)
			return fail(call, "unlinkat", tasks[i].path);
	}
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
