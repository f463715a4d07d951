/* Other processes: waiting, signalling. */
#define _GNU_SOURCE
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* To kill(2) and waitpid(2), 0 and negative numbers mean many processes: never by mistake. */
static pid_t pid_argument(struct call *call)
{
	pid_t pid = int_argument(call, 0);

	if (pid > 0)
		return pid;
	errno = EINVAL;
	return -1;
}

/* The raw status; undefined when waiting is not wanted and the child lives. */
napi_value addon_waitPid(struct call *call)
{
	int options = bool_argument(call, 1) ? 0 : WNOHANG;
	pid_t pid = pid_argument(call);
	pid_t ended;
	int status = 0;

	if (pid < 0)
		return fail(call, "waitpid", NULL);
	do {
		ended = waitpid(pid, &status, options);
	} while (ended < 0 && errno == EINTR);
	if (ended < 0)
		return fail(call, "waitpid", NULL);
	return ended == 0 ? NULL : int_result(call, status);
}

/* Whether a signal was sent: no process is an answer, any other failure an error. */
static napi_value sent(struct call *call, long result, const char *syscall)
{
	if (result < 0 && errno != ESRCH)
		return fail(call, syscall, NULL);
	return bool_result(call, result == 0);
}

napi_value addon_kill(struct call *call)
{
	pid_t pid = pid_argument(call);

	return sent(call, pid < 0 ? -1 : kill(pid, int_argument(call, 1)), "kill");
}

/* Undefined when there is no such process. */
napi_value addon_pidfdOpen(struct call *call)
{
	pid_t pid = pid_argument(call);
	long fd = pid < 0 ? -1 : syscall(SYS_pidfd_open, pid, 0);

	if (fd >= 0)
		return int_result(call, fd);
	return errno == ESRCH ? NULL : fail(call, "pidfd_open", NULL);
}

napi_value addon_pidfdSend(struct call *call)
{
	long result = syscall(SYS_pidfd_send_signal, int_argument(call, 0), int_argument(call, 1), NULL, 0);

	return sent(call, result, "pidfd_send_signal");
}

/* [soft, hard]; -1 for no limit. */
napi_value addon_readNofile(struct call *call)
{
	struct rlimit limit;
	int values[2];

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return fail(call, "getrlimit", NULL);
	values[0] = limit.rlim_cur == RLIM_INFINITY ? -1 : (int)limit.rlim_cur;
	values[1] = limit.rlim_max == RLIM_INFINITY ? -1 : (int)limit.rlim_max;
	return ints_result(call, values, 2);
}

static int caught = -1;

/* On whichever thread: what waits is told through a pipe. */
static void note_signal(int signal)
{
	unsigned char number = (unsigned char)signal;
	int err = errno;

	/* A full pipe has more than anybody will look at. */
	(void)!write(caught, &number, 1);
	errno = err;
}

/* The end of a pipe that gets a byte, the number, for each of these signals from now on. */
napi_value addon_catchSignals(struct call *call)
{
	struct sigaction action = { .sa_handler = note_signal, .sa_flags = SA_RESTART };
	size_t count;
	const int32_t *signals = ints_argument(call, 0, &count);
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return fail(call, "pipe2", NULL);
	if (caught >= 0)
		close(caught);
	caught = fds[1];
	for (size_t i = 0; i < count; i++) {
		if (sigaction(signals[i], &action, NULL) < 0)
			return fail(call, "sigaction", NULL);
	}
	return int_result(call, fds[0]);
}

/* An ArrayBuffer of at most 256 bytes, which the kernel never gives in part. Source: getrandom(2). */
napi_value addon_randomBytes(struct call *call)
{
	size_t count = (size_t)int_argument(call, 0);
	napi_value result = NULL;
	void *bytes = NULL;

	errno = EINVAL;
	if (count > 256 || napi_create_arraybuffer(call->env, count, &bytes, &result) != napi_ok)
		return fail(call, "getrandom", NULL);
	return getrandom(bytes, count, 0) == (ssize_t)count ? result : fail(call, "getrandom", NULL);
}
