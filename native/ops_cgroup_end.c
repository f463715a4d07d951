/* The end of a cgroup: of the processes in it, of what is below it, and of its directory. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/time_types.h>

#define SIGKILL 9

static void sleep_ms(uint64_t ms)
{
	struct __kernel_timespec time = { (int64_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	SYS(nanosleep, &time, NULL);
}

static int kill_each(struct ctx *c, const char *directory)
{
	char procs[16384];
	char *at = procs;
	uint64_t pid;
	int n = cgroup_processes(directory, procs, sizeof(procs));

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

	if (cgroup_was_found(c, a[0].string))
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
	long err = cgroup_was_found(c, a[0].string) ? 0 : SYS(unlinkat, AT_FDCWD, a[0].string, AT_REMOVEDIR);

	if (err == -EBUSY || err == -ENOTEMPTY || err == -ENOENT)
		return 0;
	return err < 0 ? failed(c, "rmdir", a[0].string, err) : 0;
}
