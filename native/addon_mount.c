/* Mounts of the host. Sources: mount(2), umount2(2), fsopen(2), fsconfig(2), fsmount(2), move_mount(2). */
#define _GNU_SOURCE
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Not in <sys/mount.h> of every C library, which cannot be included beside <linux/mount.h>. */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);

#define MESSAGE_SIZE 1024

static int set_option(int fs, const char *key, const char *value)
{
	if (*value == '\0')
		return (int)syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, key, NULL, 0);
	return (int)syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, value, 0);
}

/* Pairs of a key and a value, each with its NUL; a flag has an empty value. */
static int configure(int fs, const char *pairs, size_t length)
{
	const char *end = pairs + length;

	while (pairs < end) {
		const char *value = pairs + strlen(pairs) + 1;

		if (set_option(fs, pairs, value) < 0)
			return -1;
		pairs = value + strlen(value) + 1;
	}
	return (int)syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

/* The last that the filesystem has to say, without the "e " before it; empty when it is silent. */
static void read_message(int fs, char *message)
{
	char line[MESSAGE_SIZE];
	int err = errno;
	ssize_t n;

	message[0] = '\0';
	while ((n = read(fs, line, sizeof(line) - 1)) > 2) {
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		strcpy(message, line + 2);
	}
	errno = err;
}

static const char *attach(int fs, unsigned int attributes, const char *target)
{
	int tree = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes);
	long moved;

	if (tree < 0)
		return "fsmount";
	moved = syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
	close_keeping_errno(tree);
	return moved < 0 ? "move_mount" : NULL;
}

/* An error's path is what the filesystem said, where it said anything. */
napi_value addon_mountFilesystem(struct call *call)
{
	char type[PATH_SIZE], target[PATH_SIZE], message[MESSAGE_SIZE] = "";
	const char *failed = "fsconfig";
	size_t length;
	char *pairs;
	int fs;

	if (path_argument(call, 0, type) < 0 || path_argument(call, 3, target) < 0)
		return fail(call, "fsopen", NULL);
	pairs = text_argument(call, 1, &length);
	fs = pairs == NULL ? -1 : (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
	if (fs < 0) {
		free(pairs);
		return fail(call, "fsopen", NULL);
	}
	if (configure(fs, pairs, length) == 0)
		failed = attach(fs, (unsigned int)int_argument(call, 2), target);
	if (failed != NULL)
		read_message(fs, message);
	close_keeping_errno(fs);
	free(pairs);
	return failed == NULL ? NULL : fail(call, failed, message[0] ? message : NULL);
}

/*
 * In a child, whose current directory is its own: so that a long list of directories can be given by short relative
 * names, where the kernel takes one page of options. Returns 0 or an errno.
 */
static int mount_from(const char *directory, const char *type, const char *options, const char *target)
{
	pid_t child = vfork();
	int status = 0;

	if (child < 0)
		return errno;
	if (child == 0)
		_exit(chdir(directory) < 0 || mount(type, target, type, 0, options) < 0 ? errno : 0);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

napi_value addon_mountFrom(struct call *call)
{
	char directory[PATH_SIZE], type[PATH_SIZE], target[PATH_SIZE];
	size_t length;
	char *options;

	if (path_argument(call, 0, directory) < 0 || path_argument(call, 1, type) < 0 ||
	    path_argument(call, 3, target) < 0)
		return fail(call, "mount", NULL);
	options = text_argument(call, 2, &length);
	if (options == NULL)
		return fail(call, "mount", NULL);
	errno = mount_from(directory, type, options, target);
	free(options);
	return errno == 0 ? NULL : fail(call, "mount", NULL);
}

/* A copy of what is mounted there, with what is mounted in it. Sources: open_tree(2), mount_setattr(2). */
napi_value addon_bindMount(struct call *call)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
	char source[PATH_SIZE], target[PATH_SIZE];
	const char *failed = NULL;
	int tree;

	if (path_argument(call, 0, source) < 0 || path_argument(call, 1, target) < 0)
		return fail(call, "open_tree", NULL);
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0)
		return fail(call, "open_tree", source);
	if (int_argument(call, 2) && syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
					     sizeof(attributes)) < 0)
		failed = "mount_setattr";
	else if (syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS) < 0)
		failed = "move_mount";
	close_keeping_errno(tree);
	return failed == NULL ? NULL : fail(call, failed, target);
}

napi_value addon_unmount(struct call *call)
{
	char path[PATH_SIZE];

	if (path_argument(call, 0, path) < 0 || umount2(path, int_argument(call, 1)) < 0)
		return fail(call, "umount2", path);
	return NULL;
}
