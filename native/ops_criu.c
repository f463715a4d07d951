/* Restoring a container: criu makes its processes, and the parent takes over their first. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/wait.h>

/* The first number of the descriptors that criu's arguments name (src/plan/build-restore.ts). */
#define FIRST_CRIU_FD 10

int op_criu_run(struct ctx *c, const union arg *a)
{
	const char *item = a[1].list.first;
	uint32_t n = 0;
	long err;

	c->vector[n++] = a[0].string;
	for (uint32_t i = 0; i < a[1].list.count; i++, item = list_next(item))
		c->vector[n++] = item;
	c->vector[n] = NULL;
	item = a[2].list.first;
	for (uint32_t i = 0; i < a[2].list.count; i++, item = list_next(item)) {
		uint64_t slot;

		if (parse_decimal(item, &slot) < 0)
			return failed(c, "slot", NULL, -EPROTO);
		err = SYS(dup3, slot_get(c, slot), FIRST_CRIU_FD + i, 0);
		if (err < 0)
			return failed(c, "dup3", NULL, err);
	}
	err = SYS(execve, a[0].string, c->vector, c->envp);
	return failed(c, "execve", a[0].string, err);
}

/* criu makes the container's init as its own sibling, this process's child, and writes its pid into a file. */
static int adopt(struct ctx *c, const char *path)
{
	char text[32];
	uint64_t pid;
	int n = read_small(AT_FDCWD, path, text, sizeof(text));
	long fd;

	if (n < 0)
		return failed(c, "read", path, n);
	SYS(unlinkat, AT_FDCWD, path, 0);
	if (parse_decimal(text, &pid) < 0)
		return failed(c, "read", path, -EPROTO);
	fd = SYS(pidfd_open, pid, 0);
	if (fd < 0)
		return failed(c, "pidfd_open", NULL, fd);
	c->pid = (int)pid;
	c->pidfd = (int)fd;
	return child_journal(c);
}

int op_criu_adopt(struct ctx *c, const union arg *a)
{
	struct exit_info info = { 0 };
	int err = sync_await_exec(c);

	if (err < 0)
		return err;
	SYS(waitid, P_PID, c->intermediate, &info, WEXITED, NULL);
	c->intermediate = 0;
	if (info.code == 1 /* CLD_EXITED */ && info.status == 0)
		return adopt(c, a[0].string);
	c->note_length = put_text(c->note, sizeof(c->note), 0, info.code == 1 ? "exit status " : "signal ");
	c->note_length = put_number(c->note, sizeof(c->note), c->note_length, (uint64_t)info.status);
	return failed(c, "program", "criu", -ECANCELED);
}
