/* Making the container's processes, and what the parent does to them. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/sched.h>
#include <linux/wait.h>

#define SIGKILL 9
#define SIGCHLD 17

long clone_process(uint64_t flags, int *pidfd, int cgroup)
{
	struct clone_args args = { 0 };

	args.flags = pidfd ? flags | CLONE_PIDFD : flags;
	args.pidfd = (uint64_t)(uintptr_t)pidfd;
	/* With CLONE_PARENT the signal is the one that the sibling was made with. */
	args.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD;
	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned int)cgroup;
	}
	return SYS(clone3, &args, sizeof(args));
}

/* From here on this process is the child: it keeps its end of the socket and none of the parent's business. */
static void become_child(struct ctx *c, enum stage stage, int sync)
{
	c->stage = stage;
	c->sync = sync;
	for (uint64_t slot = SLOT_LOCK; slot <= SLOT_REPORT; slot++) {
		int fd = slot_take(c, slot);

		if (fd >= 0)
			SYS(close, fd);
	}
	signals_restore();
}

/* Clones the intermediate process, or the init itself where no intermediate is needed. */
int op_child_clone(struct ctx *c, const union arg *a)
{
	enum stage stage = text_equals(a[1].string, "init") ? STAGE_INIT : STAGE_INTERMEDIATE;
	int cgroup = a[2].number == 0 ? -1 : slot_get(c, a[2].number);
	int pair[2], pidfd = -1;
	long pid = SYS(socketpair, 1 /* AF_UNIX */, 5 | 02000000 /* SOCK_SEQPACKET|SOCK_CLOEXEC */, 0, pair);

	if (pid < 0)
		return failed(c, "socketpair", NULL, pid);
	pid = clone_process(a[0].number, &pidfd, cgroup);
	if (pid < 0) {
		SYS(close, pair[0]);
		SYS(close, pair[1]);
		return failed(c, "clone3", NULL, pid);
	}
	if (pid == 0) {
		SYS(close, pair[0]);
		become_child(c, stage, pair[1]);
		return 0;
	}
	SYS(close, pair[1]);
	c->sync = pair[0];
	if (stage == STAGE_INTERMEDIATE) {
		SYS(close, pidfd);
		c->intermediate = (int)pid;
		return 0;
	}
	c->pid = (int)pid;
	c->pidfd = pidfd;
	return child_journal(c);
}

/* A kill line for the journal, with the start time, so that a reused pid is never hit. */
int child_journal(struct ctx *c)
{
	char line[128];
	size_t length = 0;
	int err = read_start_time(c->pid, &c->start_time);

	if (err < 0)
		return failed(c, "read", "/proc/PID/stat", err);
	length = put_text(line, sizeof(line), length, "{\"undo\":\"kill\",\"pid\":");
	length = put_number(line, sizeof(line), length, (uint64_t)c->pid);
	length = put_text(line, sizeof(line), length, ",\"startTime\":");
	length = put_number(line, sizeof(line), length, c->start_time);
	put_text(line, sizeof(line), length, "}");
	return journal_add(c, line);
}

/* Waits until nobody can write to a pipe any more. */
static void await_end(const int *ends)
{
	char byte;

	SYS(close, ends[1]);
	while (SYS(read, ends[0], &byte, 1) == -EINTR)
		;
	SYS(close, ends[0]);
}

/*
 * The intermediate makes the init as its own sibling, tells the parent its pid, and ends. The init waits for that: what
 * it says on the same socket comes after its pid, which the parent has to know first.
 */
int op_init_clone(struct ctx *c, const union arg *a)
{
	char message[32] = "P";
	int ends[2];
	long pid = SYS(pipe2, ends, 02000000 /* O_CLOEXEC */);

	if (pid < 0)
		return failed(c, "pipe2", NULL, pid);
	pid = clone_process(a[0].number | CLONE_PARENT, NULL, -1);
	if (pid < 0)
		return failed(c, "clone3", NULL, pid);
	if (pid == 0) {
		c->stage = STAGE_INIT;
		await_end(ends);
		return 0;
	}
	put_number(message, sizeof(message), 1, (uint64_t)pid);
	(void)write_all(c->sync, message, strlen(message) + 1);
	SYS(exit_group, 0);
	__builtin_unreachable();
}

int op_child_adopt(struct ctx *c, const union arg *a)
{
	struct exit_info info;
	uint64_t pid;
	int err = sync_receive(c, 'P', "init pid");
	long fd;

	(void)a;
	if (err < 0)
		return err;
	if (parse_decimal(c->record + 1, &pid) < 0)
		return failed(c, "read", "init pid", -EPROTO);
	c->pid = (int)pid;
	SYS(waitid, P_PID, c->intermediate, &info, WEXITED, NULL);
	c->intermediate = 0;
	fd = SYS(pidfd_open, c->pid, 0);
	if (fd < 0)
		return failed(c, "pidfd_open", NULL, fd);
	c->pidfd = (int)fd;
	return child_journal(c);
}

/* Kills and reaps what this run has made so far. */
void child_kill(struct ctx *c)
{
	struct exit_info info;

	if (c->intermediate > 0) {
		SYS(kill, c->intermediate, SIGKILL);
		SYS(waitid, P_PID, c->intermediate, &info, WEXITED, NULL);
		c->intermediate = 0;
	}
	if (c->pid > 0 && c->pidfd >= 0 && !c->exited) {
		SYS(pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0);
		SYS(waitid, P_PIDFD, c->pidfd, &info, WEXITED, NULL);
		c->exited = 1;
		c->exit_status = 1;
	}
}

/* Field 22 of /proc/PID/stat; the second field, in parentheses, can hold anything. */
int read_start_time(int pid, uint64_t *out)
{
	char path[64], stat[1024];
	const char *at = NULL;
	size_t length = put_text(path, sizeof(path), 0, "/proc/");
	int n;

	length = put_number(path, sizeof(path), length, (uint64_t)pid);
	put_text(path, sizeof(path), length, "/stat");
	n = read_small(AT_FDCWD, path, stat, sizeof(stat));
	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		if (stat[i] == ')')
			at = stat + i;
	}
	/* From the parenthesis: " S ppid ..." is field 3, so field 22 follows the 20th space. */
	for (int spaces = 0; at && *at && spaces < 20; at++)
		spaces += *at == ' ';
	return at ? parse_decimal(at, out) : -EPROTO;
}

int write_child_proc(struct ctx *c, const char *file, const char *text)
{
	static char path[64];
	int pid = c->intermediate > 0 ? c->intermediate : c->pid;
	size_t length = put_text(path, sizeof(path), 0, "/proc/");

	length = put_number(path, sizeof(path), length, (uint64_t)pid);
	length = put_text(path, sizeof(path), length, "/");
	put_text(path, sizeof(path), length, file);
	return write_path(c, path, text, strlen(text));
}

int op_oom_score_adj(struct ctx *c, const union arg *a)
{
	if (c->stage == STAGE_PARENT)
		return write_child_proc(c, "oom_score_adj", a[0].string);
	return write_path(c, "/proc/self/oom_score_adj", a[0].string, strlen(a[0].string));
}
