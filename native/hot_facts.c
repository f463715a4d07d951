/*
 * What a plan depends on beside the command line and the config, as text: everything that src/sys/probe-host.ts,
 * src/sys/user.ts and src/sys/cgroup-facts.ts read for root of the host, and which build it is that compiles plans.
 */
#include "hot.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>

#define PROGRAM "mydocker-init"

static char text[1 << 17];

/* Adds a file's text, which may be missing; a long one, or one with a NUL, is not for subjects. */
static void add_file(struct out *subject, const char *path)
{
	int n = read_small(AT_FDCWD, path, text, sizeof(text));

	out_text(subject, path);
	out_text(subject, n == -ENOENT ? " is missing\n" : ":\n");
	if (n == -ENOENT)
		return;
	if (n < 0 || n + 1 == (int)sizeof(text) || strlen(text) != (size_t)n)
		subject->full = 1;
	else
		out_text(subject, text);
}

/* Which file it is, and when it was last changed. */
static void add_identity(struct out *subject, const char *path)
{
	struct statx info = { 0 };
	long err = SYS(statx, AT_FDCWD, path, 0, STATX_BASIC_STATS, &info);
	const uint64_t numbers[] = {
		info.stx_dev_major, info.stx_dev_minor, info.stx_ino, info.stx_size,
		(uint64_t)info.stx_mtime.tv_sec, info.stx_mtime.tv_nsec,
		(uint64_t)info.stx_ctime.tv_sec, info.stx_ctime.tv_nsec,
	};

	out_text(subject, path);
	if (err < 0 && err != -ENOENT)
		subject->full = 1;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		out_byte(subject, ' ');
		out_number(subject, numbers[i]);
	}
	out_byte(subject, '\n');
}

static struct span line_at(const char *at)
{
	struct span line = { at, at };

	while (*line.end != '\0' && *line.end++ != '\n')
		;
	return line;
}

static int contains(struct span line, const char *words)
{
	for (; line.at < line.end; line.at++) {
		if (text_starts(line.at, words))
			return 1;
	}
	return 0;
}

/* The lines that hold these words, of a file that must be there and must not be longer than there is room. */
static void add_lines(struct out *subject, const char *path, const char *words)
{
	int n = read_small(AT_FDCWD, path, text, sizeof(text));

	if (n <= 0 || n + 1 == (int)sizeof(text)) {
		subject->full = 1;
		return;
	}
	for (const char *at = text; *at != '\0';) {
		struct span line = line_at(at);

		if (contains(line, words))
			out_span(subject, line);
		at = line.end;
	}
}

/*
 * The hierarchies and their controllers, without where in them the caller is: root's containers start at the mountpoint
 * (src/cgroup/place.ts), and each container's caller may be in a cgroup of its own. Source: cgroups(7), /proc/pid/cgroup.
 */
static void add_hierarchies(struct out *subject)
{
	int n = read_small(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text));

	if (n <= 0 || n + 1 == (int)sizeof(text))
		subject->full = 1;
	for (const char *at = text; n > 0 && *at != '\0';) {
		struct span line = line_at(at);
		int colons = 0;

		at = line.end;
		for (line.end = line.at; line.end < at && colons < 2; line.end++)
			colons += *line.end == ':';
		out_span(subject, line);
		out_byte(subject, '\n');
	}
}

/* The fifth field. The kernel writes spaces and the like as octal numbers behind a backslash. Source: proc_pid_mountinfo(5). */
static int mountpoint(struct span line, char *path, size_t size)
{
	size_t length = 0;

	for (int fields = 0; fields < 4 && line.at < line.end; line.at++)
		fields += *line.at == ' ';
	for (; line.at < line.end && *line.at != ' ' && *line.at != '\\' && length + 1 < size; line.at++)
		path[length++] = *line.at;
	path[length] = '\0';
	return line.at < line.end && *line.at == ' ' ? (int)length : -1;
}

/* The controllers of each mount of the v2 hierarchy: `mounts` are lines that were added to the subject. */
static void add_controllers(struct out *subject, size_t mounts, size_t end)
{
	static const char *const files[] = { "/cgroup.controllers", "/cgroup.subtree_control" };
	char path[PATH_MAX];

	while (mounts < end && !subject->full) {
		struct span line = { subject->text + mounts, subject->text + mounts };
		int length;

		while (*line.end++ != '\n')
			;
		mounts = (size_t)(line.end - subject->text);
		if (!contains(line, " - cgroup2 "))
			continue;
		length = mountpoint(line, path, sizeof(path) - 32);
		for (size_t i = 0; i < 2 && length > 0; i++) {
			put_text(path, sizeof(path), (size_t)length, files[i]);
			add_file(subject, path);
		}
		if (length <= 0)
			subject->full = 1;
	}
}

static void add_program(struct out *subject)
{
	char path[PATH_MAX + sizeof(PROGRAM)];
	size_t length = put_text(path, sizeof(path), 0, engine);

	add_identity(subject, engine);
	while (path[length - 1] != '/')
		length--;
	put_text(path, sizeof(path), length, PROGRAM);
	add_identity(subject, path);
}

/* The first user namespace. Source: user_namespaces(7). */
static int is_initial_user_namespace(void)
{
	static const char *const fields[] = { "0", "0", "4294967295" };
	const char *at = text;

	if (read_small(AT_FDCWD, "/proc/self/uid_map", text, sizeof(text)) <= 0)
		return 0;
	for (size_t i = 0; i < 3; i++) {
		while (*at == ' ')
			at++;
		if (!text_starts(at, fields[i]))
			return 0;
		at += strlen(fields[i]);
	}
	return text_equals(at, "\n");
}

int facts_add(struct out *subject)
{
	size_t mounts;

	if (SYS(geteuid) != 0 || !is_initial_user_namespace())
		return -1;
	out_text(subject, "gid ");
	out_number(subject, (uint64_t)SYS(getegid));
	out_byte(subject, '\n');
	add_program(subject);
	add_identity(subject, "/etc/passwd");
	add_lines(subject, "/proc/self/status", "Cap");
	mounts = subject->length;
	add_lines(subject, "/proc/self/mountinfo", " - cgroup");
	if (!subject->full)
		add_controllers(subject, mounts, subject->length);
	add_hierarchies(subject);
	add_file(subject, "/sys/kernel/cgroup/delegate");
	add_file(subject, "/sys/module/apparmor/parameters/enabled");
	add_identity(subject, "/sys/fs/selinux/enforce");
	return subject->full ? -1 : 0;
}
