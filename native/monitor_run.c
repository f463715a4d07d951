/* The programs that a monitor starts, and the files that it leaves. */
#include "monitor.h"

#include <linux/fcntl.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#define CLOCK_MONOTONIC 1
#define LONGEST_WAIT_MS 1000000000
#define SIGCHLD 17
#define SIG_SETMASK 2
#define FIRST_OWN 10

int64_t monotonic_ms(void)
{
	struct __kernel_timespec now;

	SYS(clock_gettime, CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* For poll(2): how long until a moment of that clock. */
int wait_ms(int64_t due)
{
	int64_t left = due - monotonic_ms();

	return left < 0 ? 0 : left > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : (int)left;
}

/* Above the descriptors that it is to become. */
static int moved(int fd)
{
	return fd < 0 ? (int)SYS(openat, AT_FDCWD, "/dev/null", O_RDWR, 0) : (int)SYS(fcntl, fd, F_DUPFD_CLOEXEC, FIRST_OWN);
}

static void place(const int fds[3])
{
	for (int i = 0; i < 3; i++) {
		int fd = moved(fds[i]);

		SYS(dup3, fd, i, 0);
	}
}

static void place_streams(const struct monitor *m, int with_streams)
{
	int fds[3] = { -1, -1, -1 };

	if (with_streams && !m->has_terminal) {
		fds[0] = moved(m->container_input);
		/* Also open for reading, so that the container may write on when this program is killed; see monitor.c. */
		fds[1] = (int)SYS(openat, AT_FDCWD, "stdout", O_RDWR | O_CLOEXEC, 0);
		fds[2] = (int)SYS(openat, AT_FDCWD, "stderr", O_RDWR | O_CLOEXEC, 0);
	}
	place(fds);
}

static _Noreturn void become(const struct monitor *m, const struct command *command)
{
	uint64_t none = 0;

	SYS(rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
	if (command->fd >= 0)
		SYS(execveat, command->fd, "", command->argv, m->envp, AT_EMPTY_PATH);
	else
		SYS(execve, command->argv[0], command->argv, m->envp);
	SYS(exit_group, 127);
	__builtin_unreachable();
}

int start_command(const struct monitor *m, const struct command *command, int output)
{
	long pid = SYS(clone, SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0) {
		int fds[3] = { -1, output, output };

		place(fds);
		become(m, command);
	}
	return (int)pid;
}

/* Starts a program and serves the clients until it has ended. Returns its exit status, 128+n for a signal. */
int run_command(struct monitor *m, const struct command *command, int with_streams)
{
	int status = 0;
	long pid = SYS(clone, SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0) {
		place_streams(m, with_streams);
		become(m, command);
	}
	/* The runtime's lock is one of them: what reports a failure waits for it. */
	for (int i = 0; with_streams && i < m->passed_count; i++)
		SYS(close, m->passed[i]);
	if (with_streams)
		m->passed_count = 0;
	if (pid < 0)
		return 125;
	/* Only this child: the container's own process stays a zombie until its pid and start time are known. */
	for (;;) {
		long got = SYS(wait4, pid, &status, WNOHANG, NULL);

		if (got == pid)
			break;
		if (got < 0 && got != -EINTR)
			return 125;
		serve(m, -1);
	}
	return exit_status_of(status);
}

int exit_status_of(int wait_status)
{
	return (wait_status & 0x7f) == 0 ? (wait_status >> 8) & 0xff : 128 + (wait_status & 0x7f);
}

int write_text_file(const char *path, const char *text, size_t length, int durable)
{
	struct replacement file = { path, text, length, 0600, durable, 0 };
	char temporary[PATH_SIZE];
	size_t at = put_text(temporary, sizeof(temporary), 0, path);
	const char *call;

	put_text(temporary, sizeof(temporary), at, ".new");
	SYS(unlinkat, AT_FDCWD, temporary, 0);	/* of one that was killed */
	return replace_file(&file, temporary, &call);
}
