/* Mounts, through the descriptors of the new mount API: a source and a target are resolved once each. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/stat.h>

#define FLAG_ALLOW_PROC 1 /* the target may lie in a proc filesystem (src/plan/parts/mounts.ts) */
#define FLAG_ORDINARY_DIRECTORY 2 /* the target must not be a symbolic link */

struct fs_info {
	long type;
	char rest[256];
};

int set_mount_attr(int fd, uint64_t set, uint64_t clear, uint64_t propagation, int recursive)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear, .propagation = propagation };

	if (!set && !clear && !propagation)
		return 0;
	return (int)SYS(mount_setattr, fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr, sizeof(attr));
}

/* Each item is a decimal MS_* propagation flag, with MS_REC (0x4000) where it is meant for the whole tree. */
static int set_propagation(int fd, const struct list *propagation)
{
	const char *item = propagation->first;

	for (uint32_t i = 0; i < propagation->count; i++, item = list_next(item)) {
		uint64_t flags;
		int err = parse_decimal(item, &flags);

		if (err == 0)
			err = set_mount_attr(fd, 0, 0, flags & ~0x4000ull, (flags & 0x4000) != 0);
		if (err < 0)
			return err;
	}
	return 0;
}

int op_mount_propagation(struct ctx *c, const union arg *a)
{
	struct mount_attr attr = { .propagation = a[1].number & ~0x4000ull };
	unsigned int recursive = a[1].number & 0x4000 ? AT_RECURSIVE : 0;
	long err = SYS(mount_setattr, AT_FDCWD, a[0].string, recursive, &attr, sizeof(attr));

	return err < 0 ? failed(c, "mount_setattr", a[0].string, err) : 0;
}

/* Over a proc filesystem only what the plan allows: a mount there could hide what the kernel says to the runtime. */
static int check_proc(int target, uint64_t flags)
{
	struct fs_info info = { 0 };
	long err = SYS(fstatfs, target, &info);

	if (err < 0)
		return (int)err;
	return info.type == PROC_SUPER_MAGIC && !(flags & FLAG_ALLOW_PROC) ? -EPERM : 0;
}

int is_directory(int fd)
{
	struct statx info;

	return SYS(statx, fd, "", AT_EMPTY_PATH, STATX_TYPE, &info) == 0 && (info.stx_mode & S_IFMT) == S_IFDIR;
}

static int is_link(struct ctx *c, const char *path)
{
	struct statx info;
	int fd = open_in_root(c, path, O_PATH | O_NOFOLLOW);
	int link = fd >= 0 && SYS(statx, fd, "", AT_EMPTY_PATH, STATX_TYPE, &info) == 0 && (info.stx_mode & S_IFMT) == S_IFLNK;

	if (fd >= 0)
		SYS(close, fd);
	return link;
}

/* Attaches a detached mount to a path of the container, which is made where it is missing. */
int attach_mount(struct ctx *c, int mount, const char *path, uint64_t flags, const struct list *propagation)
{
	int target = flags & FLAG_ORDINARY_DIRECTORY && is_link(c, path) ? -ENOTDIR : make_target(c, path, is_directory(mount));
	const char *call = "openat2";
	long err = target;

	if (target == -ENOTDIR)
		c->note_length = put_text(c->note, sizeof(c->note), 0, "must be mounted on ordinary directory");

	if (target >= 0) {
		err = check_proc(target, flags);
		call = "move_mount";
		if (err == 0)
			err = SYS(move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
		SYS(close, target);
	}
	if (err == 0) {
		call = "mount_setattr";
		err = set_propagation(mount, propagation);
	}
	return err < 0 ? failed(c, call, path, err) : 0;
}

int op_mount_attach(struct ctx *c, const union arg *a)
{
	int tree = slot_take(c, a[0].number);
	int err = set_mount_attr(tree, a[3].number, a[4].number, 0, 0);

	if (err == 0)
		err = set_mount_attr(tree, a[5].number, a[6].number, 0, 1);
	err = err < 0 ? failed(c, "mount_setattr", a[1].string, err) : attach_mount(c, tree, a[2].string, a[8].number, &a[7].list);
	SYS(close, tree);
	return err;
}

int mount_attributes(struct ctx *c, const char *path, uint64_t set)
{
	int fd = open_in_root(c, path, O_PATH);
	int err = fd < 0 ? fd : set_mount_attr(fd, set, 0, 0, 0);

	if (fd >= 0)
		SYS(close, fd);
	return err < 0 ? failed(c, "mount_setattr", path, err) : 0;
}

int op_mount_attr(struct ctx *c, const union arg *a)
{
	int fd = open_in_root(c, a[0].string, O_PATH);
	int err;

	if (fd < 0)
		return failed(c, "openat2", a[0].string, fd);
	err = set_mount_attr(fd, a[1].number, a[2].number, 0, a[3].number != 0);
	if (err == 0)
		err = set_propagation(fd, &a[4].list);
	SYS(close, fd);
	return err < 0 ? failed(c, "mount_setattr", a[0].string, err) : 0;
}

/* What the filesystem has to say about its refusal goes into the note: "e tmpfs: Bad value for 'size'". */
static void note_kernel_log(struct ctx *c, int context)
{
	long n = SYS(read, context, c->note, sizeof(c->note) - 1);

	if (n <= 0)
		return;
	while (n > 0 && c->note[n - 1] == '\n')
		n--;
	c->note_length = (size_t)n;
}

/* One datum is "key" or "key=value"; the context copies neither beyond 255 bytes (longer: mount.classic). */
static int configure(struct ctx *c, int context, const char *datum)
{
	static char key[256];
	size_t n = 0;
	long err;

	while (datum[n] && datum[n] != '=' && n + 1 < sizeof(key)) {
		key[n] = datum[n];
		n++;
	}
	key[n] = '\0';
	err = datum[n] == '=' ? SYS(fsconfig, context, FSCONFIG_SET_STRING, key, datum + n + 1, 0)
			      : SYS(fsconfig, context, FSCONFIG_SET_FLAG, key, NULL, 0);
	if (err < 0) {
		note_kernel_log(c, context);
		return failed(c, "fsconfig", datum, err);
	}
	return 0;
}

static int configure_all(struct ctx *c, int context, const char *source, const struct list *data)
{
	const char *datum = data->first;
	long err = SYS(fsconfig, context, FSCONFIG_SET_STRING, "source", source, 0);

	if (err < 0)
		return failed(c, "fsconfig", source, err);
	for (uint32_t i = 0; i < data->count; i++, datum = list_next(datum)) {
		err = configure(c, context, datum);
		if (err < 0)
			return (int)err;
	}
	err = SYS(fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (err < 0) {
		note_kernel_log(c, context);
		return failed(c, "fsconfig", source, err);
	}
	return 0;
}

/* A tmpfs without a mode of its own looks like the directory that it covers, as users of runc know it. */
static int inherit_mode(struct ctx *c, int context, const char *type, const char *target, const struct list *data)
{
	const char *datum = data->first;
	struct statx info;
	char mode[8];
	long err;
	int fd;

	for (uint32_t i = 0; i < data->count; i++, datum = list_next(datum)) {
		if (text_starts(datum, "mode="))
			return 0;
	}
	if (!target || !text_equals(type, "tmpfs"))
		return 0;
	fd = open_in_root(c, target, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return 0; /* made later, with what tmpfs has by itself */
	err = SYS(statx, fd, "", AT_EMPTY_PATH, STATX_MODE, &info);
	SYS(close, fd);
	if (err == 0) {
		for (unsigned int i = 0; i < 4; i++)
			mode[i] = (char)('0' + (info.stx_mode >> (9 - 3 * i) & 7));
		mode[4] = '\0';
		err = SYS(fsconfig, context, FSCONFIG_SET_STRING, "mode", mode, 0);
	}
	return err < 0 ? failed(c, "fsconfig", "mode", err) : 0;
}

/* A new filesystem as a detached mount; `target` is where it will be attached, or NULL. */
int make_mount(struct ctx *c, const char *type, const char *source, const char *target, const struct list *data, uint64_t attr)
{
	int context = (int)SYS(fsopen, type, FSOPEN_CLOEXEC);
	long mount;

	if (context < 0)
		return failed(c, "fsopen", type, context);
	mount = inherit_mode(c, context, type, target, data);
	if (mount == 0)
		mount = configure_all(c, context, source, data);
	if (mount == 0) {
		mount = SYS(fsmount, context, FSMOUNT_CLOEXEC, attr);
		if (mount < 0) {
			note_kernel_log(c, context);
			mount = failed(c, "fsmount", type, mount);
		}
	}
	SYS(close, context);
	return (int)mount;
}

int op_mount_fs(struct ctx *c, const union arg *a)
{
	int mount = make_mount(c, a[0].string, a[1].string, a[2].string, &a[3].list, a[4].number);
	int err;

	if (mount < 0)
		return mount;
	err = attach_mount(c, mount, a[2].string, a[6].number, &a[5].list);
	SYS(close, mount);
	return err;
}

/* mount(2), for what the new interface cannot carry: options beyond 255 bytes and old superblock flags. */
int op_mount_classic(struct ctx *c, const union arg *a)
{
	char path[64];
	int target = make_target(c, a[2].string, 1);
	long err;

	if (target < 0)
		return failed(c, "openat2", a[2].string, target);
	err = check_proc(target, a[6].number);
	if (err == 0) {
		put_number(path, sizeof(path), put_text(path, sizeof(path), 0, "/proc/self/fd/"), (uint64_t)target);
		err = SYS(mount, a[1].string, path, a[0].string, a[4].number, a[3].string);
	}
	SYS(close, target);
	if (err < 0)
		return failed(c, "mount", a[2].string, err);
	target = open_in_root(c, a[2].string, O_PATH);
	if (target < 0)
		return failed(c, "openat2", a[2].string, target);
	err = set_propagation(target, &a[5].list);
	SYS(close, target);
	return err < 0 ? failed(c, "mount_setattr", a[2].string, err) : 0;
}
