/* Devices, the terminal, and kernel parameters of the container. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/stat.h>

#include <asm/ioctls.h>
#include <asm/termios.h>

struct fs_info {
	long type;
	char rest[256];
};

static const char *last_slash(const char *path)
{
	const char *last = path;

	for (; *path; path++) {
		if (*path == '/')
			last = path;
	}
	return last;
}

/* Opens the directory of a path, made where missing, and gives the last component. */
static int open_parent(struct ctx *c, const char *path, const char **name)
{
	char parent[PATH_SIZE];
	const char *slash = last_slash(path);
	size_t length = (size_t)(slash - path);

	if (length + 1 >= sizeof(parent))
		return -ENAMETOOLONG;
	put_text(parent, length + 1, 0, path);
	*name = *slash == '/' ? slash + 1 : slash;
	return make_target(c, parent, 1);
}

static int device_matches(int parent, const char *name, uint32_t type, const union arg *a)
{
	struct statx info;

	if (SYS(statx, parent, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &info) < 0)
		return 0;
	return (info.stx_mode & S_IFMT) == type &&
	       (type == S_IFIFO || (info.stx_rdev_major == a[2].number && info.stx_rdev_minor == a[3].number));
}

/* makedev() of the kernel's own encoding for mknod(2). */
static uint64_t device_number(uint64_t major, uint64_t minor)
{
	return (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffull) << 12 | (major & ~0xfffull) << 32;
}

int op_dev_node(struct ctx *c, const union arg *a)
{
	uint32_t type = *a[1].string == 'b' ? S_IFBLK : *a[1].string == 'p' ? S_IFIFO : S_IFCHR;
	const char *name;
	int parent = open_parent(c, a[0].string, &name);
	long err;

	if (parent < 0)
		return failed(c, "openat2", a[0].string, parent);
	err = journal_made(c, parent, name, a[0].string);
	if (err == 0)
		err = SYS(mknodat, parent, name, type | a[4].number, device_number(a[2].number, a[3].number));
	if (err == 0)
		err = SYS(fchownat, parent, name, a[5].number, a[6].number, AT_SYMLINK_NOFOLLOW);
	else if (err == -EEXIST && device_matches(parent, name, type, a))
		err = 0;
	SYS(close, parent);
	return err < 0 ? failed(c, "mknod", a[0].string, err) : 0;
}

int op_dev_symlink(struct ctx *c, const union arg *a)
{
	const char *name;
	int parent = open_parent(c, a[0].string, &name);
	long err;

	if (parent < 0)
		return failed(c, "openat2", a[0].string, parent);
	err = journal_made(c, parent, name, a[0].string);
	if (err == 0)
		err = SYS(symlinkat, a[1].string, parent, name);
	SYS(close, parent);
	return err < 0 && err != -EEXIST ? failed(c, "symlinkat", a[0].string, err) : 0;
}

int op_console_connect(struct ctx *c, const union arg *a)
{
	int fd = connect_unix(c, a[1].string);

	return fd < 0 ? fd : slot_put(c, a[0].number, fd);
}

/* The container's own devpts, and no file that the image put in its place. */
static int open_master(struct ctx *c)
{
	struct fs_info info = { 0 };
	int master = open_in_root(c, "/dev/pts/ptmx", 02 | 0400 /* O_RDWR|O_NOCTTY */);
	int unlock = 0;
	long err;

	if (master < 0)
		return failed(c, "openat2", "/dev/pts/ptmx", master);
	err = SYS(fstatfs, master, &info);
	if (err == 0 && info.type != DEVPTS_SUPER_MAGIC)
		err = -EPERM;
	if (err == 0)
		err = SYS(ioctl, master, TIOCSPTLCK, &unlock);
	if (err < 0) {
		SYS(close, master);
		return failed(c, "ioctl", "/dev/pts/ptmx", err);
	}
	return master;
}

/* The terminal is /dev/console too. */
static int bind_console(struct ctx *c, int terminal)
{
	int target = make_target(c, "/dev/console", 0);
	long tree, err;

	if (target < 0)
		return failed(c, "openat2", "/dev/console", target);
	tree = SYS(open_tree, terminal, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	err = tree < 0 ? tree
		       : SYS(move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	SYS(close, target);
	if (tree >= 0)
		SYS(close, tree);
	return err < 0 ? failed(c, "move_mount", "/dev/console", err) : 0;
}

static int take_terminal(struct ctx *c, int terminal)
{
	long err = 0;

	for (int fd = 0; fd < 3 && err >= 0; fd++)
		err = SYS(dup3, terminal, fd, 0);
	if (err >= 0)
		err = SYS(ioctl, 0, TIOCSCTTY, 0);
	SYS(close, terminal);
	return err < 0 ? failed(c, "ioctl", "TIOCSCTTY", err) : 0;
}

/* Slot 0 stands for the parent of a foreground run, which gets the master over the socket of the two. */
static int hand_over_master(struct ctx *c, uint64_t slot, int master)
{
	int socket = slot ? slot_take(c, slot) : c->sync;
	int err = slot ? send_fd(socket, master, "/dev/ptmx", 9) : send_fd(socket, master, "T", 1);

	if (slot)
		SYS(close, socket);
	SYS(close, master);
	return err < 0 ? failed(c, "sendmsg", NULL, err) : 0;
}

int op_console_open(struct ctx *c, const union arg *a)
{
	struct winsize size = { (unsigned short)a[1].number, (unsigned short)a[2].number, 0, 0 };
	int master = open_master(c);
	long terminal, err;

	if (master < 0)
		return master;
	terminal = SYS(ioctl, master, TIOCGPTPEER, 02 | 0400 | 02000000 /* O_RDWR|O_NOCTTY|O_CLOEXEC */);
	if (terminal < 0)
		return failed(c, "ioctl", "TIOCGPTPEER", terminal);
	if (a[1].number && a[2].number) {
		err = SYS(ioctl, master, TIOCSWINSZ, &size);
		if (err < 0)
			return failed(c, "ioctl", "TIOCSWINSZ", err);
	}
	err = SYS(fchown, terminal, a[3].number, -1);
	if (err < 0 && err != -EINVAL && err != -EPERM)
		return failed(c, "fchown", NULL, err);
	err = a[4].number ? bind_console(c, (int)terminal) : 0;
	if (err == 0)
		err = take_terminal(c, (int)terminal);
	return err < 0 ? (int)err : hand_over_master(c, a[0].number, master);
}

static int is_null(const struct statx *info)
{
	return (info->stx_mode & S_IFMT) == S_IFCHR && info->stx_rdev_major == 1 && info->stx_rdev_minor == 3;
}

/*
 * The container's own /dev/null, if it has one, takes the place of the caller's: the process then holds nothing of the
 * host's file systems, and criu can write it down.
 */
static void take_own_null(struct ctx *c, int fd)
{
	int own = open_in_root(c, "/dev/null", 02 | 0400 /* O_RDWR|O_NOCTTY */);
	struct statx info;

	if (own < 0)
		return;
	if (SYS(statx, own, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &info) == 0 && is_null(&info))
		(void)SYS(dup3, own, fd, 0);
	SYS(close, own);
}

/*
 * The process has to be able to reopen its streams through /dev/stdout. A stream that is no file of its own (a memory
 * device), or whose owner this user may not change, has the owner that it has.
 */
int op_stdio_owner(struct ctx *c, const union arg *a)
{
	for (int fd = 0; fd < 3; fd++) {
		struct statx info;

		if (SYS(statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &info) < 0)
			continue;
		if (is_null(&info))
			take_own_null(c, fd);
		else if (info.stx_uid != a[0].number && !((info.stx_mode & S_IFMT) == S_IFCHR && info.stx_rdev_major == 1))
			(void)SYS(fchown, fd, a[0].number, -1);
	}
	return 0;
}

/* Writes a file of the container's proc, after making sure that it is one. */
int write_to_proc(struct ctx *c, const char *path, const char *value)
{
	struct fs_info info = { 0 };
	int fd = open_in_root(c, path, O_WRONLY);
	long err;

	if (fd < 0)
		return failed(c, "openat2", path, fd);
	err = SYS(fstatfs, fd, &info);
	if (err == 0 && info.type != PROC_SUPER_MAGIC)
		err = -EPERM;
	if (err == 0)
		err = write_all(fd, value, strlen(value));
	SYS(close, fd);
	return err < 0 ? failed(c, "write", path, err) : 0;
}

int op_sysctl_write(struct ctx *c, const union arg *a)
{
	return write_to_proc(c, a[0].string, a[1].string);
}
