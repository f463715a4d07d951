/* Entries of an archive, made in a tree. Sources: mknodat(2), linkat(2), fchownat(2), utimensat(2), lsetxattr(2). */
#define _GNU_SOURCE
#include "addon_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NEW_FILE (O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)

enum kind { KIND_FILE, KIND_DIRECTORY, KIND_SYMLINK, KIND_HARDLINK, KIND_CHARACTER, KIND_BLOCK, KIND_FIFO };

/* The numbers of an entry, in this order; see src/sys/tree.ts. An owner of -1 stays who makes it. */
enum number { N_KIND, N_MODE, N_UID, N_GID, N_SECONDS, N_NANOSECONDS, N_MAJOR, N_MINOR, N_COUNT };

struct entry {
	enum kind kind;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	struct timespec times[2];
	dev_t device;
	const char *data;
	size_t length;
	char target[PATH_SIZE];
	int root;
};

static int read_numbers(struct call *call, size_t index, struct entry *entry)
{
	size_t count;
	const double *n = doubles_argument(call, index, &count);

	if (count != N_COUNT) {
		errno = EINVAL;
		return -1;
	}
	entry->kind = (enum kind)n[N_KIND];
	entry->mode = (mode_t)n[N_MODE] & 07777;
	entry->uid = n[N_UID] < 0 ? (uid_t)-1 : (uid_t)n[N_UID];
	entry->gid = n[N_GID] < 0 ? (gid_t)-1 : (gid_t)n[N_GID];
	entry->times[0] = (struct timespec){ .tv_sec = (time_t)n[N_SECONDS], .tv_nsec = (long)n[N_NANOSECONDS] };
	entry->times[1] = entry->times[0];
	entry->device = makedev((unsigned int)n[N_MAJOR], (unsigned int)n[N_MINOR]);
	return 0;
}

static int set_file_metadata(int fd, const struct entry *entry)
{
	if (fchown(fd, entry->uid, entry->gid) < 0 || fchmod(fd, entry->mode) < 0)
		return -1;
	return futimens(fd, entry->times);
}

/*
 * Whether a mount is on it. To remove what is below would take the mount away from everybody who has it, or fail where it
 * is in this mount namespace. Source: statx(2).
 */
static int is_mounted(int parent, const char *name)
{
	struct statx there;

	return statx(parent, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH, STATX_TYPE, &there) == 0 &&
	       (there.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/* A mounted file is written into, and stays whose it is; in place of anything else that is mounted nothing can be made. */
static int open_mounted_file(int parent, const char *name)
{
	struct stat there;

	if (fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!S_ISREG(there.st_mode)) {
		errno = EBUSY;
		return -1;
	}
	return openat(parent, name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
}

static int write_mounted_file(const struct entry *entry, int parent, const char *name)
{
	int fd = -1, result;

	if (entry->kind == KIND_FILE)
		fd = open_mounted_file(parent, name);
	else
		errno = EBUSY;
	if (fd < 0)
		return -1;
	result = write_all(fd, entry->data, entry->length);
	close_keeping_errno(fd);
	return result;
}

static int make_file(const struct entry *entry, int parent, const char *name)
{
	int fd = openat(parent, name, NEW_FILE, 0600);
	int result;

	if (fd < 0)
		return -1;
	result = entry->length > 0 ? write_all(fd, entry->data, entry->length) : 0;
	if (result == 0)
		result = set_file_metadata(fd, entry);
	close_keeping_errno(fd);
	return result;
}

/* Neither end is followed when it is a symbolic link; a link to itself is there already. */
static int make_hardlink(struct entry *entry, int parent, const char *name)
{
	struct stat there, wanted;
	const char *target_name;
	int target = open_parent(entry->root, entry->target, &target_name, 0);
	int result;

	if (target < 0)
		return -1;
	result = linkat(target, target_name, parent, name, 0);
	if (result < 0 && errno == EEXIST && fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstatat(target, target_name, &wanted, AT_SYMLINK_NOFOLLOW) == 0 && there.st_ino == wanted.st_ino)
		result = 0;
	else if (result < 0 && errno == EEXIST && !is_mounted(parent, name) && remove_tree(parent, name) == 0)
		result = linkat(target, target_name, parent, name, 0);
	close_keeping_errno(target);
	return result;
}

static int make_node(struct entry *entry, int parent, const char *name)
{
	switch (entry->kind) {
	case KIND_FILE:
		return make_file(entry, parent, name);
	case KIND_DIRECTORY:
		return mkdirat(parent, name, 0700);
	case KIND_SYMLINK:
		return symlinkat(entry->target, parent, name);
	case KIND_HARDLINK:
		return make_hardlink(entry, parent, name);
	case KIND_CHARACTER:
		return mknodat(parent, name, S_IFCHR | 0600, entry->device);
	case KIND_BLOCK:
		return mknodat(parent, name, S_IFBLK | 0600, entry->device);
	case KIND_FIFO:
		return mknodat(parent, name, S_IFIFO | 0600, 0);
	}
	errno = EINVAL;
	return -1;
}

/* A file has its own already; the mode of a symbolic link cannot be set. */
static int set_metadata(const struct entry *entry, int parent, const char *name)
{
	if (entry->kind == KIND_FILE || entry->kind == KIND_HARDLINK)
		return 0;
	if (fchownat(parent, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (entry->kind != KIND_SYMLINK && fchmodat(parent, name, entry->mode, 0) < 0)
		return -1;
	return utimensat(parent, name, entry->times, AT_SYMLINK_NOFOLLOW);
}

/* What has the name already goes, except a directory that is to be one. 1: it was a whiteout. */
static int make_entry(struct entry *entry, int parent, const char *name)
{
	struct stat there;
	int was_whiteout = 0;

	if (make_node(entry, parent, name) < 0) {
		if (errno != EEXIST || fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) < 0)
			return -1;
		was_whiteout = S_ISCHR(there.st_mode) && there.st_rdev == 0;
		if (!S_ISDIR(there.st_mode) && is_mounted(parent, name))
			return write_mounted_file(entry, parent, name);
		if (!(entry->kind == KIND_DIRECTORY && S_ISDIR(there.st_mode)) &&
		    (remove_tree(parent, name) < 0 || make_node(entry, parent, name) < 0))
			return -1;
	}
	return set_metadata(entry, parent, name) < 0 ? -1 : was_whiteout;
}

napi_value addon_treeMake(struct call *call)
{
	char path[PATH_SIZE];
	struct entry entry;
	const char *name;
	int parent, result;

	entry.root = int_argument(call, 0);
	if (bytes_argument(call, 1, path) < 0 || read_numbers(call, 2, &entry) < 0)
		return fail(call, "openat2", NULL);
	if ((entry.kind == KIND_SYMLINK || entry.kind == KIND_HARDLINK) && bytes_argument(call, 3, entry.target) < 0)
		return fail(call, "symlinkat", NULL);
	entry.data = buffer_argument(call, 4, &entry.length);
	parent = open_parent(entry.root, path, &name, 1);
	if (parent < 0)
		return fail(call, "openat2", NULL);
	result = make_entry(&entry, parent, name);
	close_keeping_errno(parent);
	return result < 0 ? fail(call, "mknodat", NULL) : bool_result(call, result);
}

/* For a file that is written in parts: its descriptor. */
napi_value addon_treeCreate(struct call *call)
{
	char path[PATH_SIZE];
	const char *name;
	int parent = open_argument_parent(call, path, &name, 1);
	int fd;

	if (parent < 0)
		return fail(call, "openat2", NULL);
	fd = openat(parent, name, NEW_FILE, 0600);
	if (fd < 0 && errno == EEXIST) {
		if (is_mounted(parent, name))
			fd = open_mounted_file(parent, name);
		else if (remove_tree(parent, name) == 0)
			fd = openat(parent, name, NEW_FILE, 0600);
	}
	close_keeping_errno(parent);
	return fd < 0 ? fail(call, "openat", NULL) : int_result(call, fd);
}

/* Gives a file that was written in parts its size, owner, mode and time. */
napi_value addon_treeFinish(struct call *call)
{
	int fd = int_argument(call, 0);
	struct entry entry;

	if (read_numbers(call, 2, &entry) < 0 || ftruncate(fd, long_argument(call, 1)) < 0)
		return fail(call, "ftruncate", NULL);
	if (!is_mounted(fd, "") && set_file_metadata(fd, &entry) < 0)
		return fail(call, "fchown", NULL);
	return NULL;
}

#define WINDOW ((off_t)8 << 20)

/*
 * What is written in parts is synchronised in the end: it goes to the disk while the rest is being made. A filesystem that
 * cannot do so has more to do then. Source: sync_file_range(2).
 */
static void begin_writeback(int fd, off_t start, off_t end)
{
	off_t from = start - start % WINDOW, to = end - end % WINDOW;

	if (to > from)
		(void)sync_file_range(fd, from, to - from, SYNC_FILE_RANGE_WRITE);
}

napi_value addon_writeAt(struct call *call)
{
	int fd = int_argument(call, 0);
	size_t length;
	const char *data = buffer_argument(call, 1, &length);
	off_t start = long_argument(call, 2), position = start;

	while (length > 0) {
		ssize_t n = pwrite(fd, data, length, position);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(call, "pwrite", NULL);
		data += n;
		length -= (size_t)n;
		position += n;
	}
	begin_writeback(fd, start, position);
	return NULL;
}

/* No symbolic link is followed to the file itself. */
napi_value addon_treeSetXattr(struct call *call)
{
	char path[PATH_SIZE], name[PATH_SIZE], link[PATH_SIZE + 64];
	const char *last;
	size_t length;
	int parent, result;

	if (bytes_argument(call, 1, path) < 0 || bytes_argument(call, 2, name) < 0)
		return fail(call, "lsetxattr", NULL);
	const char *value = buffer_argument(call, 3, &length);
	parent = open_parent(int_argument(call, 0), path, &last, 0);
	if (parent < 0)
		return fail(call, "openat2", NULL);
	snprintf(link, sizeof(link), "/proc/self/fd/%d/%s", parent, last);
	result = lsetxattr(link, name, value == NULL ? "" : value, length, 0);
	close_keeping_errno(parent);
	return result < 0 ? fail(call, "lsetxattr", NULL) : NULL;
}

/* Of directories, whose times change with what is made in them. What is gone by then is fine. */
napi_value addon_treeSetTime(struct call *call)
{
	struct timespec times[2];
	char path[PATH_SIZE];
	const char *name;
	int parent = open_argument_parent(call, path, &name, 0);
	int result;

	if (parent < 0)
		return errno == ENOENT || errno == ENOTDIR ? NULL : fail(call, "openat2", NULL);
	times[0] = (struct timespec){ .tv_sec = long_argument(call, 2), .tv_nsec = (long)long_argument(call, 3) };
	times[1] = times[0];
	result = utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW);
	close_keeping_errno(parent);
	return result < 0 && errno != ENOENT ? fail(call, "utimensat", NULL) : NULL;
}

/* Of what has the name in the directory, never of what that leads to; what is gone meanwhile has no owner. */
napi_value addon_treeChown(struct call *call)
{
	char name[PATH_SIZE];

	if (bytes_argument(call, 1, name) < 0 ||
	    (fchownat(int_argument(call, 0), name, (uid_t)long_argument(call, 2), (gid_t)long_argument(call, 3),
		      AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT))
		return fail(call, "fchownat", NULL);
	return NULL;
}
