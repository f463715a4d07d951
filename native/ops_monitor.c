/*
 * The foreground of `run`: signals go to the container, bytes go between two terminals, and the container's exit status
 * becomes this program's.
 */
#include "ctx.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signalfd.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#define SIGPIPE 13
#define SIGCHLD 17
#define SIGURG 23
#define SIGWINCH 28
#define BUFFER_SIZE 4096

enum { POLL_SIGNAL, POLL_INPUT, POLL_MASTER, POLL_NOTIFY, POLL_COUNT };

struct monitor {
	struct pollfd poll[POLL_COUNT];
	struct termios saved;
	int raw;			/* the caller's terminal is in raw mode */
	size_t input_at, input_end;
};

/* Not on the stack, whose pages would stay: without a terminal these are never touched. */
static char input[BUFFER_SIZE];	/* read from the caller, not yet taken by the container */
static char output[BUFFER_SIZE];

/* The caller's terminal gives the container's its size: before the command runs, and whenever it changes. */
void copy_window_size(struct ctx *c)
{
	struct winsize size;

	if (SYS(ioctl, 0, TIOCGWINSZ, &size) == 0)
		(void)SYS(ioctl, c->terminal, TIOCSWINSZ, &size);
}

/* What the container writes is shown as it was written: the caller's own terminal adds the carriage returns. */
static void clear_onlcr(int master)
{
	struct termios settings;

	if (SYS(ioctl, master, TCGETS, &settings) < 0)
		return;
	settings.c_oflag &= ~(tcflag_t)ONLCR;
	(void)SYS(ioctl, master, TCSETS, &settings);
}

/* Before the command runs, which may ask for the size or write at once. */
int op_console_receive(struct ctx *c, const union arg *a)
{
	int err = sync_receive_fd(c, 'T', "terminal", &c->terminal);

	(void)a;
	if (err == 0) {
		clear_onlcr(c->terminal);
		copy_window_size(c);
	}
	return err;
}

/*
 * Every key goes to the container's terminal, which does the line editing. Output is still processed here: the
 * container's terminal adds no carriage returns (clear_onlcr).
 */
static void make_raw(struct monitor *m)
{
	struct termios raw;

	if (SYS(ioctl, 0, TCGETS, &m->saved) < 0)
		return;
	raw = m->saved;
	raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	m->raw = SYS(ioctl, 0, TCSETS, &raw) == 0;
}

static void reap(struct ctx *c)
{
	struct exit_info info = { 0 };

	if (SYS(waitid, P_PIDFD, c->pidfd, &info, WEXITED | WNOHANG, NULL) < 0 || info.pid == 0)
		return;
	c->exited = c->ended = 1;
	c->exit_status = info.code == 1 /* CLD_EXITED */ ? info.status : 128 + info.status;
}

static void handle_signal(struct ctx *c, int descriptor)
{
	struct signalfd_siginfo info;

	if (SYS(read, descriptor, &info, sizeof(info)) != sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGCHLD:
		reap(c);
		break;
	case SIGPIPE:
	case SIGURG:
		break;
	default:
		/* The kernel tells the container of a new size of its own terminal. */
		if (info.ssi_signo == SIGWINCH && c->terminal >= 0)
			copy_window_size(c);
		else
			(void)SYS(pidfd_send_signal, c->pidfd, info.ssi_signo, NULL, 0);
	}
}

/* Returns 0 at the end of what the container's terminal has to say. */
static int pump_output(struct ctx *c)
{
	long n = SYS(read, c->terminal, output, sizeof(output));

	if (n == -EINTR || n == -EAGAIN)
		return 1;
	if (n <= 0)
		return 0;
	/* A caller that no longer listens does not stop the container. */
	(void)write_all(1, output, (size_t)n);
	return 1;
}

static void read_input(struct ctx *c, struct monitor *m)
{
	long n = SYS(read, 0, input, sizeof(input));

	if (n == -EINTR || n == -EAGAIN)
		return;
	if (n <= 0) {
		/* End of input reads as Ctrl-D in the container. */
		input[0] = 4;
		n = 1;
		m->poll[POLL_INPUT].fd = -1;
	}
	m->input_at = 0;
	m->input_end = (size_t)n;
	(void)c;
}

/* The master never blocks: with both directions full, a blocking write would stop the reading that could free it. */
static void pump_input(struct ctx *c, struct monitor *m)
{
	long n = SYS(write, c->terminal, input + m->input_at, m->input_end - m->input_at);

	if (n > 0)
		m->input_at += (size_t)n;
	else if (n != -EAGAIN && n != -EINTR)
		m->input_at = m->input_end;
}

static void poll_once(struct ctx *c, struct monitor *m)
{
	int pending = m->input_at < m->input_end;
	struct pollfd entries[POLL_COUNT];

	for (int i = 0; i < POLL_COUNT; i++)
		entries[i] = m->poll[i];
	entries[POLL_NOTIFY] = (struct pollfd){ c->notify, POLLIN, 0 };
	if (pending) {
		entries[POLL_INPUT].fd = -1;
		entries[POLL_MASTER].events |= POLLOUT;
	}
	if (SYS(ppoll, entries, POLL_COUNT, NULL, NULL, 8) < 0)
		return;
	if (entries[POLL_SIGNAL].revents)
		handle_signal(c, entries[POLL_SIGNAL].fd);
	if (entries[POLL_MASTER].revents & (POLLIN | POLLHUP | POLLERR)) {
		if (!pump_output(c))
			m->poll[POLL_MASTER].fd = -1;
	}
	if (entries[POLL_MASTER].revents & POLLOUT)
		pump_input(c, m);
	if (entries[POLL_INPUT].revents)
		read_input(c, m);
	if (entries[POLL_NOTIFY].revents)
		notify_heard(c);
}

static void start_terminal(struct ctx *c, struct monitor *m)
{
	long flags = SYS(fcntl, c->terminal, F_GETFL, 0);

	(void)SYS(fcntl, c->terminal, F_SETFL, flags | O_NONBLOCK);
	make_raw(m);
	copy_window_size(c);
	m->poll[POLL_INPUT] = (struct pollfd){ 0, POLLIN, 0 };
	m->poll[POLL_MASTER] = (struct pollfd){ c->terminal, POLLIN, 0 };
}

/* What the container wrote before it ended; without waiting for others that still hold its terminal. */
static void drain_terminal(struct ctx *c, const struct monitor *m)
{
	struct pollfd master = m->poll[POLL_MASTER];
	struct __kernel_timespec now = { 0, 0 };

	while (master.fd >= 0 && SYS(ppoll, &master, 1, &now, NULL, 8) > 0) {
		if (!pump_output(c))
			return;
	}
}

int op_child_wait_exit(struct ctx *c, const union arg *a)
{
	struct monitor m = { .poll = { { -1, POLLIN, 0 }, { -1, POLLIN, 0 }, { -1, POLLIN, 0 }, { -1, POLLIN, 0 } } };
	uint64_t all = ~0ull;
	long descriptor = SYS(signalfd4, -1, &all, sizeof(all), 02000000 /* SFD_CLOEXEC */);

	if (descriptor < 0)
		return failed(c, "signalfd4", NULL, descriptor);
	m.poll[POLL_SIGNAL].fd = (int)descriptor;
	if (a[0].number && c->terminal >= 0)
		start_terminal(c, &m);
	reap(c);
	if (!c->exited)
		settle(c);
	while (!c->exited)
		poll_once(c, &m);
	drain_terminal(c, &m);
	if (m.raw)
		(void)SYS(ioctl, 0, TCSETSW, &m.saved);
	SYS(close, descriptor);
	return 0;
}
