/* tmpcopyup: a tmpfs that begins with a copy of what the image has at its place. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/stat.h>

#define MAX_DEPTH 128
#define DT_BUFFER 4096
#define XATTR_SIZE 4096

struct dirent64 {
	uint64_t inode, offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

static int copy_directory(int from, int to, int depth);

/* Security labels and capabilities come along; where the tmpfs refuses a name, the file is as it would be without. */
static void copy_xattrs(int from, int to)
{
	char names[XATTR_SIZE], value[XATTR_SIZE];
	long size = SYS(flistxattr, from, names, sizeof(names));

	for (long at = 0; at < size; at += (long)strlen(names + at) + 1) {
		long n = SYS(fgetxattr, from, names + at, value, sizeof(value));

		if (n >= 0)
			(void)SYS(fsetxattr, to, names + at, value, n, 0);
	}
}

static int copy_bytes(int from, int to)
{
	for (;;) {
		long n = SYS(sendfile, to, from, NULL, 1 << 20);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return (int)n;
	}
}

static int copy_file(int from, int to, const char *name, uint32_t mode)
{
	long in = SYS(openat, from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
	long out, err;

	if (in < 0)
		return (int)in;
	out = SYS(openat, to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	err = out < 0 ? out : copy_bytes((int)in, (int)out);
	if (err == 0)
		copy_xattrs((int)in, (int)out);
	if (out >= 0)
		SYS(close, out);
	SYS(close, in);
	return (int)err;
}

static int copy_link(int from, int to, const char *name)
{
	char target[PATH_SIZE];
	long n = SYS(readlinkat, from, name, target, sizeof(target) - 1);

	if (n < 0)
		return (int)n;
	target[n] = '\0';
	return (int)SYS(symlinkat, target, to, name);
}

static int copy_subdirectory(int from, int to, const char *name, uint32_t mode, int depth)
{
	long in = SYS(openat, from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	long out, err;

	if (in < 0)
		return (int)in;
	err = SYS(mkdirat, to, name, mode);
	out = err < 0 ? err : SYS(openat, to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	err = out < 0 ? out : copy_directory((int)in, (int)out, depth + 1);
	if (out >= 0) {
		copy_xattrs((int)in, (int)out);
		SYS(close, out);
	}
	SYS(close, in);
	return (int)err;
}

static int copy_entry(int from, int to, const char *name, int depth)
{
	struct statx info;
	struct { int64_t seconds, nanoseconds; } times[2];
	long err = SYS(statx, from, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &info);
	uint32_t type, mode;

	if (err < 0)
		return (int)err;
	type = info.stx_mode & S_IFMT;
	mode = info.stx_mode & 07777;
	if (type == S_IFDIR)
		err = copy_subdirectory(from, to, name, mode, depth);
	else if (type == S_IFLNK)
		err = copy_link(from, to, name);
	else if (type == S_IFREG)
		err = copy_file(from, to, name, mode);
	else
		err = SYS(mknodat, to, name, info.stx_mode,
			  (info.stx_rdev_minor & 0xff) | info.stx_rdev_major << 8 | (info.stx_rdev_minor & ~0xffu) << 12);
	if (err < 0)
		return (int)err;
	err = SYS(fchownat, to, name, info.stx_uid, info.stx_gid, AT_SYMLINK_NOFOLLOW);
	/* A change of the owner takes the set-user-id bit away. */
	if (err == 0 && type != S_IFLNK && mode & 06000)
		err = SYS(fchmodat, to, name, mode);
	times[0].seconds = info.stx_atime.tv_sec;
	times[0].nanoseconds = info.stx_atime.tv_nsec;
	times[1].seconds = info.stx_mtime.tv_sec;
	times[1].nanoseconds = info.stx_mtime.tv_nsec;
	(void)SYS(utimensat, to, name, times, AT_SYMLINK_NOFOLLOW);
	return (int)err;
}

static int copy_directory(int from, int to, int depth)
{
	_Alignas(struct dirent64) char buffer[DT_BUFFER];

	if (depth == MAX_DEPTH)
		return -ELOOP;
	for (;;) {
		long n = SYS(getdents64, from, buffer, sizeof(buffer));

		if (n <= 0)
			return (int)n;
		for (long at = 0; at < n;) {
			const struct dirent64 *entry = (const struct dirent64 *)(const void *)(buffer + at);
			int err = 0;

			if (!text_equals(entry->name, ".") && !text_equals(entry->name, ".."))
				err = copy_entry(from, to, entry->name, depth);
			if (err < 0)
				return err;
			at += entry->length;
		}
	}
}

/* The read-only attribute, if any, comes last: the copy has to be written first. */
int op_mount_copy_up(struct ctx *c, const union arg *a)
{
	int mount = make_mount(c, a[0].string, a[1].string, a[2].string, &a[3].list, a[4].number & ~(uint64_t)MOUNT_ATTR_RDONLY);
	int from, to, err = 0;

	if (mount < 0)
		return mount;
	from = open_in_root(c, a[2].string, O_RDONLY | O_DIRECTORY);
	to = (int)SYS(openat, mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (from >= 0 && to >= 0)
		err = copy_directory(from, to, 0);
	else if (from != -ENOENT)
		err = from < 0 ? from : to;
	if (from >= 0)
		SYS(close, from);
	if (to >= 0)
		SYS(close, to);
	err = err < 0 ? failed(c, "copy", a[2].string, err) : attach_mount(c, mount, a[2].string, 0, &a[5].list);
	SYS(close, mount);
	if (err == 0 && a[4].number & MOUNT_ATTR_RDONLY)
		err = mount_attributes(c, a[2].string, MOUNT_ATTR_RDONLY);
	return err;
}
