/* What the container's process is made to be, up to the command that it executes. */
#include "ctx.h"

#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/stat.h>

#define LAST_CAP 63
#define READ_AHEAD_BYTES (2 << 20)
#define READ_AHEAD_STEP (128 << 10)

int op_sched_set(struct ctx *c, const union arg *a)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = { 48, (uint32_t)a[0].number, a[3].number, 0, (uint32_t)a[2].number, a[4].number, a[5].number, a[6].number };
	const char *nice = a[1].string;
	uint64_t value = 0;
	long err;

	if (parse_decimal(nice + (*nice == '-'), &value) < 0)
		return failed(c, "sched_setattr", nice, -EPROTO);
	attr.nice = *nice == '-' ? -(int32_t)value : (int32_t)value;
	err = SYS(sched_setattr, c->stage == STAGE_PARENT ? c->pid : 0, &attr, 0);
	return err < 0 ? failed(c, "sched_setattr", NULL, err) : 0;
}

/* A bit for each processor in hexadecimal, the lowest first; the empty text stands for all (src/plan/parts/exec-affinity.ts). */
int op_sched_affinity(struct ctx *c, const union arg *a)
{
	uint8_t mask[1024];
	int all = a[0].string[0] == '\0';
	long size = all ? (long)sizeof(mask) : bytes_of_hex(a[0].string, mask, sizeof(mask));
	long err;

	if (all)
		memset(mask, 0xff, sizeof(mask));
	err = size < 0 ? size : SYS(sched_setaffinity, 0, size, mask);

	return err < 0 ? failed(c, "sched_setaffinity", NULL, err) : 0;
}

int op_io_priority(struct ctx *c, const union arg *a)
{
	long err = SYS(ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, c->stage == STAGE_PARENT ? c->pid : 0, a[0].number);

	return err < 0 ? failed(c, "ioprio_set", NULL, err) : 0;
}

int op_personality(struct ctx *c, const union arg *a)
{
	long err = SYS(personality, a[0].number);

	return err < 0 ? failed(c, "personality", NULL, err) : 0;
}

int op_memory_policy(struct ctx *c, const union arg *a)
{
	uint8_t nodes[1024];
	long size = bytes_of_hex(a[1].string, nodes, sizeof(nodes));
	long err = size < 0 ? size : SYS(set_mempolicy, a[0].number, size ? nodes : NULL, size * 8);

	return err < 0 ? failed(c, "set_mempolicy", NULL, err) : 0;
}

/* Into the container's own proc: anything else that the image has put there would make a label that is none. */
int op_lsm_write(struct ctx *c, const union arg *a)
{
	return write_to_proc(c, a[0].string, a[1].string);
}

int op_no_new_privs(struct ctx *c, const union arg *a)
{
	long err = SYS(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	(void)a;
	return err < 0 ? failed(c, "prctl", "PR_SET_NO_NEW_PRIVS", err) : 0;
}

/* EINVAL ends the loop: the kernel knows no further capability. */
int op_caps_bounding(struct ctx *c, const union arg *a)
{
	for (uint64_t cap = 0; cap <= LAST_CAP; cap++) {
		long err;

		if (a[0].number >> cap & 1)
			continue;
		err = SYS(prctl, PR_CAPBSET_DROP, cap, 0, 0, 0);
		if (err == -EINVAL)
			break;
		if (err < 0)
			return failed(c, "prctl", "PR_CAPBSET_DROP", err);
	}
	return 0;
}

static int set_ambient(struct ctx *c, uint64_t ambient)
{
	long err = SYS(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

	for (uint64_t cap = 0; err == 0 && cap <= LAST_CAP; cap++) {
		if (ambient >> cap & 1)
			err = SYS(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	}
	return err < 0 ? failed(c, "prctl", "PR_CAP_AMBIENT", err) : 0;
}

int op_caps_set(struct ctx *c, const union arg *a)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	long err;

	for (int half = 0; half < 2; half++) {
		data[half].effective = (uint32_t)(a[0].number >> (32 * half));
		data[half].permitted = (uint32_t)(a[1].number >> (32 * half));
		data[half].inheritable = (uint32_t)(a[2].number >> (32 * half));
	}
	err = SYS(capset, &header, data);
	return err < 0 ? failed(c, "capset", NULL, err) : set_ambient(c, a[3].number);
}

int op_user_groups(struct ctx *c, const union arg *a)
{
	uint32_t gids[1024];
	const char *item = a[0].list.first;
	long err;

	if (a[0].list.count > 1024)
		return failed(c, "setgroups", NULL, -EINVAL);
	for (uint32_t i = 0; i < a[0].list.count; i++, item = list_next(item)) {
		uint64_t gid;

		if (parse_decimal(item, &gid) < 0 || gid > UINT32_MAX)
			return failed(c, "setgroups", item, -EINVAL);
		gids[i] = (uint32_t)gid;
	}
	err = SYS(setgroups, a[0].list.count, gids);
	return err < 0 ? failed(c, "setgroups", NULL, err) : 0;
}

/* Keeps the permitted capabilities over the change: caps.set comes next. */
int op_user_set(struct ctx *c, const union arg *a)
{
	long err = SYS(prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0);

	if (err < 0)
		return failed(c, "prctl", "PR_SET_KEEPCAPS", err);
	err = SYS(setresgid, a[1].number, a[1].number, a[1].number);
	if (err < 0)
		return failed(c, "setresgid", NULL, err);
	err = SYS(setresuid, a[0].number, a[0].number, a[0].number);
	if (err < 0)
		return failed(c, "setresuid", NULL, err);
	err = SYS(prctl, PR_SET_KEEPCAPS, 0, 0, 0, 0);
	return err < 0 ? failed(c, "prctl", "PR_SET_KEEPCAPS", err) : 0;
}

int op_umask(struct ctx *c, const union arg *a)
{
	(void)c;
	SYS(umask, a[0].number);
	return 0;
}

/* A directory outside the container's root could be entered through a leaked descriptor (CVE-2024-21626): getcwd tells. */
static int check_cwd(struct ctx *c, const char *path)
{
	char cwd[PATH_SIZE];
	long n = SYS(getcwd, cwd, sizeof(cwd));

	if (n < 0)
		return failed(c, "getcwd", path, n);
	return cwd[0] == '/' ? 0 : failed(c, "getcwd", path, -EXDEV);
}

/* While the root can be written to: a read-only one is no reason for a config that its writable one would carry. */
int op_cwd_make(struct ctx *c, const union arg *a)
{
	int directory = make_target(c, a[0].string, 1);

	if (directory < 0)
		return failed(c, "mkdir", a[0].string, directory);
	SYS(close, directory);
	return 0;
}

int op_cwd(struct ctx *c, const union arg *a)
{
	long err = SYS(chdir, a[0].string);

	if (err == -ENOENT && a[1].number) {
		int directory = make_target(c, a[0].string, 1);

		if (directory < 0)
			return failed(c, "mkdir", a[0].string, directory);
		SYS(close, directory);
		err = SYS(chdir, a[0].string);
	}
	return err < 0 ? failed(c, "chdir", a[0].string, err) : check_cwd(c, a[0].string);
}

/* The field of a line of passwd(5) with that number, counted from 0; ends at ':' or the line's end. */
static const char *passwd_field(const char *line, int number)
{
	for (; number > 0 && *line && *line != '\n'; line++)
		number -= *line == ':';
	return number == 0 ? line : NULL;
}

static void home_from(struct ctx *c, const char *passwd, uint64_t uid)
{
	while (*passwd) {
		const char *id = passwd_field(passwd, 2), *home = passwd_field(passwd, 5);
		uint64_t found;

		if (id && home && parse_decimal(id, &found) == 0 && found == uid && *home == '/') {
			size_t n = put_text(c->home, sizeof(c->home), 0, "HOME=");

			while (*home && *home != ':' && *home != '\n' && n + 1 < sizeof(c->home))
				c->home[n++] = *home++;
			c->home[n] = '\0';
			return;
		}
		while (*passwd && *passwd != '\n')
			passwd++;
		passwd += *passwd == '\n';
	}
}

/* HOME of the container's passwd where the config sets none; "/" for an unknown user. */
int op_env_home(struct ctx *c, const union arg *a)
{
	size_t size = 1 << 16;
	char *passwd = map_memory(size);
	int n;

	put_text(c->home, sizeof(c->home), 0, "HOME=/");
	if (passwd == NULL)
		return failed(c, "mmap", NULL, -ENOMEM);
	n = read_small(AT_FDCWD, "/etc/passwd", passwd, size);
	if (n > 0)
		home_from(c, passwd, a[0].number);
	SYS(munmap, passwd, size);
	return 0;
}

/* Everything beyond the standard streams and `count` more is closed by the execve, and nothing else is left open. */
int op_fds_inherit(struct ctx *c, const union arg *a)
{
	long err = SYS(close_range, 3 + a[0].number, ~0u, CLOSE_RANGE_CLOEXEC);

	/* A created container's init may wait for long, and needs none of these from here on. */
	if (c->journal >= 0)
		SYS(close, c->journal);
	if (c->root >= 0)
		SYS(close, c->root);
	if (c->mask >= 0)
		SYS(close, c->mask);
	c->journal = c->root = c->mask = -1;
	return err < 0 ? failed(c, "close_range", NULL, err) : 0;
}

static int is_executable_file(struct ctx *c, const char *path)
{
	struct statx info;
	long err = SYS(statx, AT_FDCWD, path, 0, STATX_TYPE | STATX_MODE, &info);

	if (err < 0)
		return (int)err;
	c->detail = path;
	if ((info.stx_mode & S_IFMT) == S_IFDIR)
		return -EISDIR;
	/* 0x200 is AT_EACCESS: by the effective ids, which are the container's by now. */
	return (int)SYS(faccessat2, AT_FDCWD, path, 1 /* X_OK */, 0x200);
}

/* As execvp(3) does: a name with a slash is a path, any other is looked for in the directories of PATH. */
static int find_command(struct ctx *c, const char *name, const char *path, int (*try)(struct ctx *, const char *))
{
	long err, denied = 0;

	for (const char *p = name; *p; p++) {
		if (*p == '/') {
			put_text(c->command, sizeof(c->command), 0, name);
			err = try(c, name);
			return err < 0 ? failed(c, "stat", name, err) : 0;
		}
	}
	for (;;) {
		size_t n = 0;

		while (*path && *path != ':' && n + 1 < sizeof(c->command))
			c->command[n++] = *path++;
		n = put_text(c->command, sizeof(c->command), n, n ? "/" : "./");
		put_text(c->command, sizeof(c->command), n, name);
		err = try(c, c->command);
		if (err == 0)
			return 0;
		if (err == -EACCES)
			denied = err;
		if (*path++ != ':')
			break;
	}
	return failed(c, "PATH", name, denied ? denied : -ENOENT);
}

/* Sets the effective capabilities to those of `wanted` that are permitted, and tells what they have been. */
static int set_effective(uint64_t wanted, uint64_t *before)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	long err = SYS(capget, &header, data);

	if (err < 0)
		return (int)err;
	*before = data[0].effective | (uint64_t)data[1].effective << 32;
	data[0].effective = data[0].permitted & (uint32_t)wanted;
	data[1].effective = data[1].permitted & (uint32_t)(wanted >> 32);
	return (int)SYS(capset, &header, data);
}

/*
 * With the capabilities that the execve will have, or it would allow what is denied here, or the reverse. They are
 * lent and not set for good: a seccomp filter may have to be loaded between, and must not see this lookup.
 */
int op_exec_find(struct ctx *c, const union arg *a)
{
	uint64_t before;
	int found, err = set_effective(a[2].number, &before);

	if (err < 0)
		return failed(c, "capset", NULL, err);
	found = find_command(c, a[0].string, a[1].string, is_executable_file);
	err = set_effective(before, &before);
	return found == 0 && err < 0 ? failed(c, "capset", NULL, err) : found;
}

static int read_ahead(struct ctx *c, const char *path)
{
	int file = open_in_root(c, path, O_PATH);
	struct statx info = { 0 };
	char proc[64];
	long fd = -EACCES;

	if (file < 0)
		return file;
	/* Nothing but a regular file is opened: a device, or a pipe that nobody writes to, could do or wait for anything. */
	if (SYS(statx, file, "", AT_EMPTY_PATH, STATX_TYPE, &info) == 0 && (info.stx_mode & S_IFMT) == S_IFREG) {
		put_number(proc, sizeof(proc), put_text(proc, sizeof(proc), 0, "/proc/self/fd/"), (uint64_t)file);
		fd = SYS(openat, AT_FDCWD, proc, O_RDONLY | O_CLOEXEC, 0);
	}
	SYS(close, file);
	if (fd < 0)
		return (int)fd;
	/* One call reads no more than the device's window. */
	for (uint64_t at = 0; at < READ_AHEAD_BYTES; at += READ_AHEAD_STEP)
		(void)SYS(readahead, fd, at, READ_AHEAD_STEP);
	SYS(close, fd);
	return 0;
}

/* A help that nothing depends on: what cannot be found here, such as a file in another mount, is left to the execve. */
int op_exec_read_ahead(struct ctx *c, const union arg *a)
{
	c->root = (int)SYS(openat, AT_FDCWD, a[0].string, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (c->root < 0)
		return 0;
	(void)find_command(c, a[1].string, a[2].string, read_ahead);
	SYS(close, c->root);
	c->root = -1;
	return 0;
}

int op_seccomp_load(struct ctx *c, const union arg *a)
{
	size_t size = strlen(a[1].string) / 2;
	uint8_t *program = map_memory(size + 8);
	struct sock_fprog filter = { (unsigned short)(size / 8), (struct sock_filter *)(void *)program };
	uint64_t before;
	long err;

	if (program == NULL)
		return failed(c, "mmap", NULL, -ENOMEM);
	if (bytes_of_hex(a[1].string, program, size) < 0)
		return failed(c, "seccomp", NULL, -EPROTO);
	err = SYS(seccomp, SECCOMP_SET_MODE_FILTER, a[0].number, &filter);
	/* The change of the user has cleared the effective set; what is permitted can be had back until caps.set. */
	if (err == -EACCES && set_effective(~0ull, &before) == 0)
		err = SYS(seccomp, SECCOMP_SET_MODE_FILTER, a[0].number, &filter);
	SYS(munmap, program, size + 8);
	if (err < 0)
		return failed(c, "seccomp", NULL, err);
	if (!a[2].number)
		return 0;
	err = send_fd(c->sync, (int)err, "N", 1);
	return err < 0 ? failed(c, "sendmsg", NULL, err) : 0;
}

/* The agent at the other end decides on the calls that the filter notifies of. The pid goes between the pieces of text. */
int op_seccomp_send(struct ctx *c, const union arg *a)
{
	char state[PATH_SIZE * 4];
	const char *piece = a[1].list.first;
	size_t length = 0;
	int listener, socket, err = sync_receive_fd(c, 'N', "seccomp listener", &listener);

	if (err < 0)
		return err;
	for (uint32_t i = 0; i < a[1].list.count; i++, piece = list_next(piece)) {
		if (i > 0)
			length = put_number(state, sizeof(state), length, (uint64_t)c->pid);
		length = put_text(state, sizeof(state), length, piece);
	}
	if (length + 1 >= sizeof(state))
		return failed(c, "sendmsg", a[0].string, -E2BIG);
	socket = connect_unix(c, a[0].string);
	if (socket < 0)
		return socket;
	err = send_fd(socket, listener, state, length);
	SYS(close, socket);
	SYS(close, listener);
	return err < 0 ? failed(c, "sendmsg", a[0].string, err) : 0;
}
