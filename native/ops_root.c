/* The container's root: from its place on the host to "/". Sources: pivot_root(2), mount_namespaces(7). */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/mount.h>

/* pivot_root refuses a root whose parent mount is shared: where "/" stays shared, the mount around it is made private. */
static int make_parent_private(const char *path)
{
	struct mount_attr attr = { .propagation = 1 << 18 /* MS_PRIVATE */ };
	char parent[PATH_SIZE];
	size_t length = put_text(parent, sizeof(parent), 0, path);

	for (;;) {
		long err = SYS(mount_setattr, AT_FDCWD, length ? parent : "/", 0, &attr, sizeof(attr));

		/* EINVAL: not the root of a mount. */
		if (err != -EINVAL || length == 0)
			return (int)err;
		while (length > 0 && parent[length - 1] != '/')
			length--;
		while (length > 0 && parent[length - 1] == '/')
			length--;
		parent[length] = '\0';
	}
}

int op_root_attach(struct ctx *c, const union arg *a)
{
	int tree, target;
	long err;

	if (a[2].number) {
		err = make_parent_private(a[0].string);
		if (err < 0)
			return failed(c, "mount_setattr", a[0].string, err);
	}
	tree = a[1].number ? slot_get(c, a[1].number)
			   : (int)SYS(open_tree, AT_FDCWD, a[0].string, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0)
		return failed(c, "open_tree", a[0].string, tree);
	target = (int)SYS(openat, AT_FDCWD, a[0].string, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (target < 0)
		return failed(c, "open", a[0].string, target);
	err = SYS(move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	SYS(close, target);
	if (err < 0)
		return failed(c, "move_mount", a[0].string, err);
	c->root = tree;
	return 0;
}

/* pivot_root(".", ".") stacks the old root on the new one, where it is let go of (pivot_root(2)). */
int op_root_pivot(struct ctx *c, const union arg *a)
{
	long old = SYS(openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	struct mount_attr slave = { .propagation = 1 << 19 /* MS_SLAVE */ };
	long err;

	(void)a;
	if (old < 0)
		return failed(c, "open", "/", old);
	err = SYS(fchdir, c->root);
	if (err == 0)
		err = SYS(pivot_root, ".", ".");
	if (err < 0)
		return failed(c, "pivot_root", NULL, err);
	err = SYS(fchdir, old);
	/* The unmounting must not reach the host. */
	if (err == 0)
		err = SYS(mount_setattr, AT_FDCWD, ".", AT_RECURSIVE, &slave, sizeof(slave));
	if (err == 0)
		err = SYS(umount2, ".", 2 /* MNT_DETACH */);
	SYS(close, old);
	if (err < 0)
		return failed(c, "umount2", NULL, err);
	err = SYS(chdir, "/");
	return err < 0 ? failed(c, "chdir", "/", err) : 0;
}

/* Takes a mount of the host's out of this namespace; one that is locked in it (mount_namespaces(7)) is covered. */
static int hide_mount(struct ctx *c, const char *path)
{
	static const struct list nothing;
	struct mount_attr slave = { .propagation = 1 << 19 /* MS_SLAVE */ };
	long err = SYS(mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &slave, sizeof(slave));
	int cover;

	if (err == 0)
		err = SYS(umount2, path, 2 /* MNT_DETACH */);
	if (err != -EINVAL && err != -EPERM)
		return err < 0 ? failed(c, "umount2", path, err) : 0;
	cover = make_mount(c, "tmpfs", "tmpfs", NULL, &nothing, MOUNT_ATTR_RDONLY);
	if (cover < 0)
		return cover;
	err = SYS(move_mount, cover, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
	SYS(close, cover);
	return err < 0 ? failed(c, "move_mount", path, err) : 0;
}

/*
 * For a root on a ramfs, which pivot_root refuses. The host's mounts stay below the new root: as long as a whole proc or
 * sysfs is among them, a user namespace of the container may mount another one without the masks of the container's.
 */
int op_root_move(struct ctx *c, const union arg *a)
{
	const char *path = a[0].list.first;
	long err;

	for (uint32_t i = 0; i < a[0].list.count; i++, path = list_next(path)) {
		int hidden = hide_mount(c, path);

		if (hidden < 0)
			return hidden;
	}
	err = SYS(fchdir, c->root);
	if (err == 0)
		err = SYS(move_mount, c->root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
	if (err < 0)
		return failed(c, "move_mount", "/", err);
	err = SYS(chroot, ".");
	if (err == 0)
		err = SYS(chdir, "/");
	return err < 0 ? failed(c, "chroot", ".", err) : 0;
}

/* Without a mount namespace of its own the container gets another root, and no mounts. */
int op_root_chroot(struct ctx *c, const union arg *a)
{
	long err = SYS(chroot, a[0].string);

	if (err < 0)
		return failed(c, "chroot", a[0].string, err);
	err = SYS(chdir, "/");
	if (err < 0)
		return failed(c, "chdir", "/", err);
	c->root = (int)SYS(openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	return c->root < 0 ? failed(c, "open", "/", c->root) : 0;
}

int op_root_propagation(struct ctx *c, const union arg *a)
{
	int err = set_mount_attr(c->root, 0, 0, a[0].number & ~0x4000ull, (a[0].number & 0x4000) != 0);

	return err < 0 ? failed(c, "mount_setattr", "/", err) : 0;
}

int op_root_readonly(struct ctx *c, const union arg *a)
{
	int err = set_mount_attr(c->root, MOUNT_ATTR_RDONLY, 0, 0, 0);

	(void)a;
	return err < 0 ? failed(c, "mount_setattr", "/", err) : 0;
}
