/* What a container may see and not change, or not see: read-only and masked paths. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/stat.h>

/* A path that does not exist needs neither protection nor mask. */
static int open_to_protect(struct ctx *c, const char *path)
{
	int fd = open_in_root(c, path, O_PATH);

	return fd == -ENOENT || fd == -ENOTDIR ? -ENOENT : fd;
}

int op_path_readonly(struct ctx *c, const union arg *a)
{
	int target = open_to_protect(c, a[0].string);
	long tree, err;

	if (target < 0)
		return target == -ENOENT ? 0 : failed(c, "openat2", a[0].string, target);
	tree = SYS(open_tree, target, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH);
	err = tree < 0 ? tree : set_mount_attr((int)tree, MOUNT_ATTR_RDONLY, 0, 0, 1);
	if (err == 0)
		err = SYS(move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	SYS(close, target);
	if (tree >= 0)
		SYS(close, tree);
	return err < 0 ? failed(c, "move_mount", a[0].string, err) : 0;
}

/* The container's /dev/null as a detached mount; checked to be the real one, since the image could have put another. */
static int null_tree(struct ctx *c)
{
	struct statx info;
	int fd = open_in_root(c, "/dev/null", O_PATH | O_NOFOLLOW);
	long tree;

	if (fd < 0)
		return fd;
	if (SYS(statx, fd, "", AT_EMPTY_PATH, STATX_TYPE, &info) < 0 || (info.stx_mode & S_IFMT) != S_IFCHR ||
	    info.stx_rdev_major != 1 || info.stx_rdev_minor != 3) {
		SYS(close, fd);
		return -EPERM;
	}
	tree = SYS(open_tree, fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	SYS(close, fd);
	return (int)tree;
}

/*
 * One empty tmpfs stands behind all masked directories: the first gets the mount itself, and the others clones of it.
 * Before Linux 6.15 a mount can be cloned only once it is attached.
 */
static int empty_tree(struct ctx *c)
{
	static const char options[] = "nr_blocks=1\0nr_inodes=1";
	const struct list data = { 2, options };

	if (c->mask >= 0)
		return (int)SYS(open_tree, c->mask, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	c->mask = make_mount(c, "tmpfs", "tmpfs", NULL, &data, MOUNT_ATTR_RDONLY);
	return c->mask;
}

int op_path_mask(struct ctx *c, const union arg *a)
{
	int target = open_to_protect(c, a[0].string);
	int tree;
	long err;

	if (target < 0)
		return target == -ENOENT ? 0 : failed(c, "openat2", a[0].string, target);
	tree = is_directory(target) ? empty_tree(c) : null_tree(c);
	err = tree < 0 ? tree
		       : SYS(move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	SYS(close, target);
	if (tree >= 0 && tree != c->mask)
		SYS(close, tree);
	return err < 0 ? failed(c, "move_mount", a[0].string, err) : 0;
}
