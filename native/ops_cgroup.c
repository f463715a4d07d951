/* cgroup directories and files. What is written where is decided in src/cgroup/. */
#include "ctx.h"

#include <linux/bpf.h>
#include <linux/fcntl.h>
#include <linux/time_types.h>

#define SIGKILL 9

static void sleep_ms(uint64_t ms)
{
	struct __kernel_timespec time = { (int64_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	SYS(nanosleep, &time, NULL);
}

/* A file of a cgroup, short enough for one buffer; its length, or a negative errno. */
static int read_of(const char *directory, const char *file, char *text, size_t size)
{
	char path[PATH_SIZE];
	size_t length = put_text(path, sizeof(path), 0, directory);

	length = put_text(path, sizeof(path), length, "/");
	put_text(path, sizeof(path), length, file);
	return read_small(AT_FDCWD, path, text, size);
}

/* The processes in a cgroup. A threaded one leaves their list to the domain above, and has its threads'. */
static int read_processes(const char *directory, char *text, size_t size)
{
	int n = read_of(directory, "cgroup.procs", text, size);

	return n == -EOPNOTSUPP ? read_of(directory, "cgroup.threads", text, size) : n;
}

/* The container's own cgroup may be there already, but nobody may live in it, and no process could start if it froze. */
static int check_unused(struct ctx *c, const char *path)
{
	char text[256];

	if (read_processes(path, text, sizeof(text)) > 0) {
		c->note_length = put_text(c->note, sizeof(c->note), 0, "container's cgroup is not empty");
		return failed(c, "read", path, -EBUSY);
	}
	if (read_of(path, "freezer.state", text, sizeof(text)) > 0 && text[0] == 'F') {
		c->note_length = put_text(c->note, sizeof(c->note), 0, "container's cgroup unexpectedly frozen");
		return failed(c, "read", path, -EBUSY);
	}
	if (read_of(path, "cgroup.freeze", text, sizeof(text)) > 0 && text[0] == '1') {
		c->note_length = put_text(c->note, sizeof(c->note), 0, "container's cgroup unexpectedly frozen");
		return failed(c, "read", path, -EBUSY);
	}
	return 0;
}

/* Only a directory that this run makes is put into the journal and removed later: nobody else's may be. */
int op_cgroup_mkdir(struct ctx *c, const union arg *a)
{
	long err = SYS(faccessat, AT_FDCWD, a[0].string, 0);

	if (err == 0) {
		if (c->found_count == MAX_FOUND)
			return failed(c, "mkdir", a[0].string, -ENOSPC);
		c->found[c->found_count++] = a[0].string;
		return a[1].number ? check_unused(c, a[0].string) : 0;
	}
	err = journal_add(c, a[2].string);
	if (err < 0)
		return (int)err;
	err = SYS(mkdirat, AT_FDCWD, a[0].string, 0755);
	return err < 0 ? failed(c, "mkdir", a[0].string, err) : 0;
}

static int was_found(struct ctx *c, const char *path)
{
	for (int i = 0; i < c->found_count; i++) {
		if (text_equals(c->found[i], path))
			return 1;
	}
	return 0;
}

/* A new v1 cpuset has no processors and no memory nodes: a process cannot join it before it has both. */
int op_cgroup_inherit(struct ctx *c, const union arg *a)
{
	char path[PATH_SIZE], value[PATH_SIZE];
	size_t length = put_text(path, sizeof(path), 0, a[0].string);
	int n;

	length = put_text(path, sizeof(path), length, "/");
	put_text(path, sizeof(path), length, a[2].string);
	n = read_small(AT_FDCWD, path, value, sizeof(value));
	if (n < 0)
		return failed(c, "read", a[0].string, n);
	if (n > 1)
		return 0;
	length = put_text(value, sizeof(value), 0, a[1].string);
	length = put_text(value, sizeof(value), length, "/");
	put_text(value, sizeof(value), length, a[2].string);
	{
		char inherited[PATH_SIZE];

		n = read_small(AT_FDCWD, value, inherited, sizeof(inherited));
		if (n < 0)
			return failed(c, "read", a[1].string, n);
		n = write_path(c, path, inherited, (size_t)n);
	}
	c->detail = a[0].string;
	return n;
}

/* Whether the file reads 0: then nobody has set it yet. */
static int reads_zero(const char *path)
{
	char text[32];
	uint64_t value;

	return read_small(AT_FDCWD, path, text, sizeof(text)) > 0 && parse_decimal(text, &value) == 0 && value == 0;
}

static int reads_invalid(const char *path)
{
	char text[32];

	return read_small(AT_FDCWD, path, text, sizeof(text)) > 0 && text_starts(text, "domain invalid");
}

/* `when` is always, exists, zero, invalid or possible: see WriteCondition in src/cgroup/cgroup-plan.ts. */
int op_cgroup_write(struct ctx *c, const union arg *a)
{
	const char *path = a[0].string, *value = a[1].string, *when = a[2].string, *other = a[3].string;
	int err;

	if (text_equals(when, "zero") && !reads_zero(path))
		return 0;
	if (text_equals(when, "invalid") && !reads_invalid(path))
		return 0;
	err = write_path(c, path, value, strlen(value));
	if (err == -ENOENT && *other)
		err = write_path(c, other, a[4].string, strlen(a[4].string));
	if (err == -ENOENT)
		c->note_length = put_text(c->note, sizeof(c->note), 0, a[5].string);
	if (err < 0 && text_equals(when, "possible"))
		return 0;
	return err == -ENOENT && text_equals(when, "exists") ? 0 : err;
}

int op_cgroup_raise(struct ctx *c, const union arg *a)
{
	return write_path(c, a[0].string, a[1].string, strlen(a[1].string));
}

int op_cgroup_usage_check(struct ctx *c, const union arg *a)
{
	char text[32];
	uint64_t usage;
	int n = read_small(AT_FDCWD, a[0].string, text, sizeof(text));

	if (n < 0)
		return failed(c, "read", a[0].string, n);
	if (parse_decimal(text, &usage) < 0)
		return failed(c, "read", a[0].string, -EPROTO);
	return usage > a[1].number ? failed(c, "read", a[0].string, -EBUSY) : 0;
}

/* A file that this kernel's cgroups do not have is nobody's. */
int op_cgroup_chown(struct ctx *c, const union arg *a)
{
	long err = SYS(fchownat, AT_FDCWD, a[0].string, a[1].number, -1, 0);

	return err < 0 && err != -ENOENT ? failed(c, "chown", a[0].string, err) : 0;
}

int op_cgroup_open(struct ctx *c, const union arg *a)
{
	long fd = SYS(openat, AT_FDCWD, a[1].string, O_WRONLY | O_CLOEXEC, 0);

	/* A v2 cgroup is joined at birth, by the descriptor of its directory. */
	if (fd == -EISDIR)
		fd = SYS(openat, AT_FDCWD, a[1].string, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	return fd < 0 ? failed(c, "open", a[1].string, fd) : slot_put(c, a[0].number, (int)fd);
}

/*
 * "0" is the writer itself. Any other pid, or a write to v1's cgroup.procs, waits 8 to 13 ms for a grace period of the
 * kernel (docs/architecture.md).
 */
int op_cgroup_join(struct ctx *c, const union arg *a)
{
	int fd = slot_take(c, a[0].number);
	int err = write_all(fd, "0", 1);

	SYS(close, fd);
	return err < 0 ? failed(c, "write", a[1].string, err) : 0;
}

static int kill_each(struct ctx *c, const char *directory)
{
	char procs[16384];
	char *at = procs;
	uint64_t pid;
	int n = read_processes(directory, procs, sizeof(procs));

	if (n == -ENOENT || n == -ENODEV)
		return 0;
	if (n < 0)
		return failed(c, "read", directory, n);
	while (parse_decimal(at, &pid) == 0) {
		/* Also by the number of a thread a process is killed. */
		SYS(kill, (int)pid, SIGKILL);
		while (*at && *at != '\n')
			at++;
		at += *at == '\n';
	}
	return n;
}

/* Everything in and below the cgroup, frozen or not: v2 since Linux 5.14 (cgroups(7)). */
static void kill_at_once(const char *directory)
{
	char path[PATH_SIZE];
	size_t length = put_text(path, sizeof(path), 0, directory);
	long fd;

	put_text(path, sizeof(path), length, "/cgroup.kill");
	fd = SYS(openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)SYS(write, fd, "1", 1);
	SYS(close, fd);
}

/* Kills until none is left: a process can fork between the reading and the killing. At most 10 seconds. */
int op_cgroup_kill(struct ctx *c, const union arg *a)
{
	kill_at_once(a[0].string);
	for (int round = 0; round < 1000; round++) {
		int n = kill_each(c, a[0].string);

		if (n <= 0)
			return n;
		sleep_ms(round < 10 ? 1 : 10);
	}
	return failed(c, "kill", a[0].string, -EBUSY);
}

struct dirent64 {
	uint64_t inode, offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

#define DT_DIR 4
#define MAX_DEPTH 64

/* Removes the cgroups that the container has made below its own. */
static void remove_children(int parent, const char *name, int depth)
{
	_Alignas(struct dirent64) char buffer[1024];
	long directory = SYS(openat, parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	long n = directory < 0 || depth == MAX_DEPTH ? 0 : SYS(getdents64, directory, buffer, sizeof(buffer));

	while (n > 0) {
		for (long at = 0; at < n;) {
			const struct dirent64 *entry = (const struct dirent64 *)(const void *)(buffer + at);

			at += entry->length;
			if (entry->type != DT_DIR || entry->name[0] == '.')
				continue;
			remove_children((int)directory, entry->name, depth + 1);
			(void)SYS(unlinkat, directory, entry->name, AT_REMOVEDIR);
		}
		n = SYS(getdents64, directory, buffer, sizeof(buffer));
	}
	if (directory >= 0)
		SYS(close, directory);
}

/* A cgroup stays busy for a moment after its last process has ended, and while it has children. */
int op_cgroup_rmdir(struct ctx *c, const union arg *a)
{
	long err = 0;

	if (was_found(c, a[0].string))
		return 0;
	for (uint64_t wait = 0; wait <= 512; wait = wait ? wait * 2 : 1) {
		err = SYS(unlinkat, AT_FDCWD, a[0].string, AT_REMOVEDIR);
		if (err != -EBUSY && err != -EAGAIN)
			break;
		if (wait)
			sleep_ms(wait);
		remove_children(AT_FDCWD, a[0].string, 0);
	}
	return err < 0 && err != -ENOENT ? failed(c, "rmdir", a[0].string, err) : 0;
}

/* A directory above the container's own: made for it, but others may have theirs in it by now. */
int op_cgroup_release(struct ctx *c, const union arg *a)
{
	long err = was_found(c, a[0].string) ? 0 : SYS(unlinkat, AT_FDCWD, a[0].string, AT_REMOVEDIR);

	if (err == -EBUSY || err == -ENOTEMPTY || err == -ENOENT)
		return 0;
	return err < 0 ? failed(c, "rmdir", a[0].string, err) : 0;
}

static uint8_t hex_digit(char digit)
{
	return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* Lower-case hexadecimal to bytes; the size, or -EPROTO. */
long bytes_of_hex(const char *hex, uint8_t *bytes, size_t size)
{
	size_t n = 0;

	for (; hex[0]; hex += 2) {
		if (!hex[1] || n == size)
			return -EPROTO;
		bytes[n++] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
	}
	return (long)n;
}

/* By its name a program is known to be this project's: systemd attaches its own beside it. */
#define PROGRAM_NAME "mydocker_device"
#define MAX_PROGRAMS 64

static long load_program(const char *hex)
{
	union bpf_attr attr = { 0 };
	size_t size = strlen(hex) / 2;
	uint8_t *program = map_memory(size + 8);
	long fd = -EPROTO;

	if (program == NULL)
		return -ENOMEM;
	if (bytes_of_hex(hex, program, size) >= 0) {
		attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
		attr.insns = (uint64_t)(uintptr_t)program;
		attr.insn_cnt = (uint32_t)(size / 8);
		attr.license = (uint64_t)(uintptr_t)"Apache-2.0";
		put_text(attr.prog_name, sizeof(attr.prog_name), 0, PROGRAM_NAME);
		fd = SYS(bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	}
	SYS(munmap, program, size + 8);
	return fd;
}

static int is_own_program(long fd)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { 0 };

	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)&info;
	return SYS(bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) == 0 && text_equals(info.name, PROGRAM_NAME);
}

static long attach(long command, long directory, long program)
{
	union bpf_attr attr = { .target_fd = (uint32_t)directory, .attach_bpf_fd = (uint32_t)program,
				.attach_type = BPF_CGROUP_DEVICE,
				.attach_flags = command == BPF_PROG_ATTACH ? BPF_F_ALLOW_MULTI : 0 };

	return SYS(bpf, command, &attr, sizeof(attr));
}

/*
 * The new program first, then the old ones go: for a moment what both allow is allowed, and never more than that.
 */
static long replace_programs(long directory, long program)
{
	uint32_t ids[MAX_PROGRAMS];
	union bpf_attr query = { 0 };
	long err;

	query.query.target_fd = (uint32_t)directory;
	query.query.attach_type = BPF_CGROUP_DEVICE;
	query.query.prog_ids = (uint64_t)(uintptr_t)ids;
	query.query.prog_cnt = MAX_PROGRAMS;
	err = SYS(bpf, BPF_PROG_QUERY, &query, sizeof(query));
	if (err == 0)
		err = attach(BPF_PROG_ATTACH, directory, program);
	for (uint32_t i = 0; err == 0 && i < query.query.prog_cnt; i++) {
		union bpf_attr attr = { .prog_id = ids[i] };
		long old = SYS(bpf, BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));

		if (old < 0)
			return old;
		if (is_own_program(old))
			err = attach(BPF_PROG_DETACH, directory, old);
		SYS(close, old);
	}
	return err;
}

int op_cgroup_device_program(struct ctx *c, const union arg *a)
{
	long fd = load_program(a[1].string);
	long directory, err;

	if (fd < 0)
		return failed(c, "bpf", a[0].string, fd);
	directory = SYS(openat, AT_FDCWD, a[0].string, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (directory < 0) {
		SYS(close, fd);
		return failed(c, "open", a[0].string, directory);
	}
	err = replace_programs(directory, fd);
	SYS(close, directory);
	SYS(close, fd);
	return err < 0 ? failed(c, "bpf", a[0].string, err) : 0;
}
