/*
 * The conversation between the parent and its child, over one SOCK_SEQPACKET pair; each message is one packet:
 *
 *     "B<barrier>"       either way: the other side may go on past its sync.wait of that name
 *     "P<pid>"           intermediate to parent: the init that it made
 *     "E"                init to parent: it executes the container's command now
 *     "T" + descriptor   init to parent: the master of its terminal
 *     "N" + descriptor   init to parent: the seccomp listener
 *     "M" + descriptor   parent to init: the source of a bind mount
 *     "failure\0..."     child to parent: a record, see report.c
 *     end of file        the child has executed the container's command, or either side is dead
 */
#include "ctx.h"

#include <linux/wait.h>

static void note_how_child_ended(struct ctx *c)
{
	struct exit_info info = { 0 };
	int id = c->intermediate > 0 ? c->intermediate : c->pid;

	if (SYS(waitid, P_PID, id, &info, WEXITED, NULL) < 0)
		return;
	if (c->intermediate > 0)
		c->intermediate = 0;
	else
		c->exited = 1;
	c->note_length = put_text(c->note, sizeof(c->note), 0, info.code == 1 ? "exit status " : "signal ");
	c->note_length = put_number(c->note, sizeof(c->note), c->note_length, (uint64_t)info.status);
}

/* A packet came: is it what is waited for, the child's failure, or nonsense? */
static int packet_check(struct ctx *c, long length, char expected, const char *barrier)
{
	if (length < 0)
		return failed(c, "recvmsg", barrier, length);
	if (length == 0) {
		if (c->stage != STAGE_PARENT)
			SYS(exit_group, 1); /* The parent is gone: whoever cleans up does not need this process. */
		note_how_child_ended(c);
		return failed(c, "recvmsg", barrier, -EPIPE);
	}
	c->record_length = (size_t)length;
	c->record[length < (long)sizeof(c->record) ? length : (long)sizeof(c->record) - 1] = '\0';
	if (c->record[0] == 'f') {
		c->child_failed = 1;
		return -ECANCELED;
	}
	if (c->record[0] != expected || (expected == 'B' && !text_equals(c->record + 1, barrier)))
		return failed(c, "recvmsg", barrier, -EPROTO);
	return 0;
}

/* ECONNRESET tells once that the other side has left something unread; what it has sent before comes after that. */
static long read_packet(struct ctx *c)
{
	long n;

	do {
		n = SYS(read, c->sync, c->record, sizeof(c->record) - 1);
	} while (n == -EINTR || n == -ECONNRESET);
	return n;
}

int sync_receive(struct ctx *c, char expected, const char *barrier)
{
	return packet_check(c, read_packet(c), expected, barrier);
}

int sync_receive_fd(struct ctx *c, char expected, const char *barrier, int *fd)
{
	int n, err;

	do {
		n = receive_fd(c->sync, c->record, sizeof(c->record) - 1, fd);
	} while (n == -ECONNRESET);
	err = packet_check(c, n, expected, barrier);
	return err == 0 && *fd < 0 ? failed(c, "recvmsg", barrier, -EPROTO) : err;
}

int op_sync_post(struct ctx *c, const union arg *a)
{
	char message[64] = "B";
	size_t length = put_text(message, sizeof(message), 1, a[0].string);
	int err = write_all(c->sync, message, length);

	/* A child that died has said why, or is about to be found dead by the wait that follows. */
	if ((err == -EPIPE || err == -ECONNRESET) && c->stage == STAGE_PARENT)
		return sync_receive(c, 'B', a[0].string);
	return err < 0 ? failed(c, "write", a[0].string, err) : 0;
}

int op_sync_wait(struct ctx *c, const union arg *a)
{
	return sync_receive(c, 'B', a[0].string);
}

/* The child's end of the socket closes when its execve succeeds, or when it dies; a failure is said before. */
int sync_await_exec(struct ctx *c)
{
	long n = read_packet(c);

	if (n != 0)
		return packet_check(c, n, 'X', "exec");
	SYS(close, c->sync);
	c->sync = -1;
	return 0;
}

/*
 * The child announces "E" last of all, and its end of the socket closes when its execve succeeds: end of file is then
 * the good news. End of file without "E" is a child that was killed before.
 */
int op_child_wait_exec(struct ctx *c, const union arg *a)
{
	int err = sync_receive(c, 'E', "exec");

	(void)a;
	if (err == 0)
		err = sync_await_exec(c);
	if (err == 0)
		net_devices_leave(c);
	return err;
}

int op_start_wait(struct ctx *c, const union arg *a)
{
	int listener = slot_get(c, a[0].number);
	long fd;

	/* Nobody but `start` talks to this process from here on: failures go to its connection. */
	if (c->sync >= 0)
		SYS(close, c->sync);
	c->sync = -1;
	do {
		fd = SYS(accept4, listener, NULL, NULL, 02000000 /* SOCK_CLOEXEC */);
	} while (fd == -EINTR);
	if (fd < 0)
		return failed(c, "accept4", NULL, fd);
	SYS(close, listener);
	c->sync = (int)fd;
	return 0;
}
