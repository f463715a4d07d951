/* Where the container's command starts, and which file it is. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/stat.h>

#define READ_AHEAD_BYTES (2 << 20)
#define READ_AHEAD_STEP (128 << 10)

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

/*
 * With the capabilities that the execve will have, or it would allow what is denied here, or the reverse. They are
 * lent and not set for good: a seccomp filter may have to be loaded between, and must not see this lookup.
 */
int op_exec_find(struct ctx *c, const union arg *a)
{
	uint64_t before;
	int found, err = caps_set_effective(a[2].number, &before);

	if (err < 0)
		return failed(c, "capset", NULL, err);
	found = find_command(c, a[0].string, a[1].string, is_executable_file);
	err = caps_set_effective(before, &before);
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
