/* cgroup directories and files. What is written where is decided in src/cgroup/. */
#include "ctx.h"

#include <linux/fcntl.h>

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
int cgroup_processes(const char *directory, char *text, size_t size)
{
	int n = read_of(directory, "cgroup.procs", text, size);

	return n == -EOPNOTSUPP ? read_of(directory, "cgroup.threads", text, size) : n;
}

/* The container's own cgroup may be there already, but nobody may live in it, and no process could start if it froze. */
static int check_unused(struct ctx *c, const char *path)
{
	char text[256];

	if (cgroup_processes(path, text, sizeof(text)) > 0) {
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

int cgroup_was_found(struct ctx *c, const char *path)
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
