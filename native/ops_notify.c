/*
 * A service's readiness: what the container says to a socket of its own goes on to the service manager's. The container
 * is hostile, so that of all that sd_notify(3) can say only READY=1 is handed on, in words of this program's own.
 */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/time_types.h>

#define READY "READY=1"
#define BARRIER "BARRIER=1"
#define BARRIER_SECONDS 30
#define AT_REMOVEDIR 0x200
#define SOCKET_NAME "notify.sock"

struct poll_entry {
	int fd;
	short events, revents;
};

int op_notify_mkdir(struct ctx *c, const union arg *a)
{
	long err = journal_add(c, a[1].string);

	if (err < 0)
		return (int)err;
	err = SYS(mkdirat, AT_FDCWD, a[0].string, 0755);
	return err < 0 ? failed(c, "mkdir", a[0].string, err) : 0;
}

/* Whoever the container's process is may write to it: umask is 0. */
int op_notify_listen(struct ctx *c, const union arg *a)
{
	int fd = journal_add(c, a[1].string);

	if (fd < 0)
		return fd;
	fd = bind_datagrams(c, a[0].string);
	return fd < 0 ? fd : slot_put(c, a[2].number, fd);
}

int op_notify_remove(struct ctx *c, const union arg *a)
{
	int directory = (int)SYS(openat, AT_FDCWD, a[0].string, O_DIRECTORY | O_CLOEXEC, 0);
	long err;

	if (directory == -ENOENT)
		return 0;
	if (directory < 0)
		return failed(c, "open", a[0].string, directory);
	(void)SYS(unlinkat, directory, SOCKET_NAME, 0);
	SYS(close, directory);
	err = SYS(unlinkat, AT_FDCWD, a[0].string, AT_REMOVEDIR);
	return err < 0 && err != -ENOENT ? failed(c, "rmdir", a[0].string, err) : 0;
}

/* One line of a message, which is not a C string. */
static int is_ready_line(const char *line, size_t length)
{
	return length == strlen(READY) && memcmp(line, READY, length) == 0;
}

/* Reads one message. Descriptors that come with it are dropped, which answers a barrier. */
static int says_ready(int socket)
{
	char message[4096];
	long length = SYS(read, socket, message, sizeof(message));
	size_t start = 0;

	for (size_t i = 0; length >= 0 && i <= (size_t)length; i++) {
		if (i < (size_t)length && message[i] != '\n')
			continue;
		if (is_ready_line(message + start, i - start))
			return 1;
		start = i + 1;
	}
	return 0;
}

/* 1 when the container is ready, 0 when it has ended before. */
static int await_ready(int socket, int pidfd)
{
	for (;;) {
		struct poll_entry entries[] = { { socket, POLLIN, 0 }, { pidfd, POLLIN, 0 } };

		if (SYS(ppoll, entries, 2, NULL, NULL, 8) < 0)
			continue;
		if (entries[0].revents) {
			if (says_ready(socket))
				return 1;
		} else if (entries[1].revents) {
			return 0;
		}
	}
}

/* Whose word it is, a service manager finds out when it reads it: this process may not end before. Source: sd_notify_barrier(3). */
static int await_manager(int manager)
{
	struct __kernel_timespec timeout = { BARRIER_SECONDS, 0 };
	struct poll_entry entry = { -1, 0, 0 };
	int ends[2], err = (int)SYS(pipe2, ends, O_CLOEXEC);

	if (err < 0)
		return err;
	err = send_fd(manager, ends[1], BARRIER, strlen(BARRIER));
	SYS(close, ends[1]);
	entry.fd = ends[0];
	if (err == 0)
		SYS(ppoll, &entry, 1, &timeout, NULL, 8);
	SYS(close, ends[0]);
	return err;
}

/* With `pid` the service manager is told whom to watch: this process is about to end. */
static int tell_manager(struct ctx *c, const char *path, int pid)
{
	char message[64];
	size_t length = put_text(message, sizeof(message), 0, READY "\n");
	int err, manager = connect_datagrams(c, path);

	if (manager < 0)
		return manager;
	if (pid != 0) {
		length = put_text(message, sizeof(message), length, "MAINPID=");
		length = put_number(message, sizeof(message), length, (uint64_t)pid);
		length = put_text(message, sizeof(message), length, "\n");
	}
	err = write_all(manager, message, length);
	if (err == 0 && pid != 0)
		err = await_manager(manager);
	SYS(close, manager);
	return err < 0 ? failed(c, "sendmsg", path, err) : 0;
}

/* The init that an earlier create has made; nothing where it has ended. */
static void open_init(struct ctx *c, const union arg *pid, const union arg *start_time)
{
	uint64_t start;
	long fd;

	c->pid = (int)pid->number;
	fd = SYS(pidfd_open, c->pid, 0);
	if (fd >= 0 && (read_start_time(c->pid, &start) < 0 || start != start_time->number)) {
		SYS(close, fd);
		fd = -1;
	}
	c->pidfd = (int)fd;
}

/* The container runs: that nobody could be told is a warning. */
static void tell_or_warn(struct ctx *c, const char *path, int pid)
{
	int err = tell_manager(c, path, pid);

	if (err < 0) {
		c->warned = 1;
		record_build(c, err);
	}
}

/* A run in the foreground hears of it while it waits for the container's end, and stays: only its own word may count. */
void notify_heard(struct ctx *c)
{
	if (!says_ready(c->notify))
		return;
	(void)tell_manager(c, c->manager, 0);
	SYS(close, c->notify);
	c->notify = -1;
}

int op_notify_forward(struct ctx *c, const union arg *a)
{
	int socket = slot_take(c, a[0].number);

	if (a[4].number) {
		c->notify = socket;
		c->manager = a[1].string;
		return 0;
	}
	if (a[2].number != 0)
		open_init(c, &a[2], &a[3]);
	/* Whoever waits for this can give it up. */
	signals_restore();
	if (c->pidfd >= 0 && await_ready(socket, c->pidfd))
		tell_or_warn(c, a[1].string, c->pid);
	signals_block();
	SYS(close, socket);
	return 0;
}
