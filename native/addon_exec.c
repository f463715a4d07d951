/* Executing a program: in place of this process, or as a child. */
#define _GNU_SOURCE
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_STACK 16384

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4u
#endif

/* A program to execute, prepared in full before anything changes: a child that shares memory must not allocate. */
struct program {
	int fd;
	char *texts[2];		/* argv's and env's strings, one after the other; NULL for an inherited environment */
	char **vectors[2];
	const int32_t *keep;
	size_t keep_count;
	const int32_t *pairs;	/* the child's descriptor and the own one that it becomes */
	size_t pair_count;
	struct rlimit nofile;
	int has_nofile;
};

/* A list comes as one string, NULs between its members, and its length: one with a NUL inside does not add up. */
static char **vector_argument(struct call *call, size_t index, char **text)
{
	int64_t count = long_argument(call, index + 1);
	size_t length, at = 0, found = 0;
	char **vector;

	*text = text_argument(call, index, &length);
	if (*text == NULL)
		return NULL;
	vector = calloc((size_t)(count < 0 ? 0 : count) + 1, sizeof(*vector));
	if (vector == NULL)
		return NULL;
	while (at <= length && (int64_t)found < count) {
		vector[found++] = *text + at;
		at += strlen(*text + at) + 1;
	}
	if ((int64_t)found == count && at == (count == 0 ? length : length + 1))
		return vector;
	free(vector);
	errno = EINVAL;
	return NULL;
}

static void program_free(struct program *program)
{
	for (int i = 0; i < 2; i++) {
		if (program->texts[i] == NULL)
			continue;
		free(program->texts[i]);
		free(program->vectors[i]);
	}
}

/* An environment of -1 strings is this process's own. */
static char **environment_argument(struct call *call, size_t index, char **text)
{
	*text = NULL;
	return long_argument(call, index + 1) == -1 ? environ : vector_argument(call, index, text);
}

static int program_argument(struct call *call, struct program *program)
{
	int64_t soft = long_argument(call, 6);

	memset(program, 0, sizeof(*program));
	program->fd = int_argument(call, 0);
	program->keep = ints_argument(call, 5, &program->keep_count);
	program->has_nofile = soft >= 0;
	program->nofile.rlim_cur = (rlim_t)soft;
	program->nofile.rlim_max = (rlim_t)long_argument(call, 7);
	program->pairs = ints_argument(call, 8, &program->pair_count);
	program->pair_count /= 2;
	program->vectors[0] = vector_argument(call, 1, &program->texts[0]);
	if (program->vectors[0] != NULL)
		program->vectors[1] = environment_argument(call, 3, &program->texts[1]);
	if (program->vectors[0] != NULL && program->vectors[1] != NULL)
		return 0;
	program_free(program);
	return -1;
}

static int set_close_on_exec(int fd, int on)
{
	return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

/* Before Linux 5.11 close_range cannot mark; then each descriptor is asked, up to the limit of open files. */
static int mark_all_close_on_exec(void)
{
	struct rlimit limit;

	if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -1;
	for (int fd = 3; fd < (int)limit.rlim_cur; fd++)
		set_close_on_exec(fd, 1);
	return 0;
}

/* The standard streams, which Node marks when a script uses them, and may be closed; and those that are asked for. */
static int keep_open(const int32_t *fds, size_t count)
{
	for (int fd = 0; fd < 3; fd++)
		set_close_on_exec(fd, 0);
	for (size_t i = 0; i < count; i++) {
		if (set_close_on_exec(fds[i], 0) < 0)
			return -1;
	}
	return 0;
}

/* exec resets handlers but not ignored signals, and engines ignore SIGPIPE. Returns the set of those changed. */
static uint64_t unignore_signals(void)
{
	struct sigaction action;
	uint64_t changed = 0;

	for (int signal = 1; signal < NSIG; signal++) {
		if (sigaction(signal, NULL, &action) < 0 || action.sa_handler != SIG_IGN)
			continue;
		action.sa_handler = SIG_DFL;
		sigaction(signal, &action, NULL);
		changed |= UINT64_C(1) << (signal - 1);
	}
	return changed;
}

static void ignore_signals(uint64_t set)
{
	struct sigaction action = { .sa_handler = SIG_IGN };

	for (int signal = 1; signal < NSIG; signal++) {
		if (set & (UINT64_C(1) << (signal - 1)))
			sigaction(signal, &action, NULL);
	}
}

static int execute(const struct program *program)
{
	return (int)syscall(SYS_execveat, program->fd, "", program->vectors[0], program->vectors[1], AT_EMPTY_PATH);
}

/* After a failure the kept descriptors are close-on-exec again; the others stay so, as all of this program's are. */
napi_value addon_execFd(struct call *call)
{
	struct program program;
	struct rlimit nofile;
	sigset_t none, mask;
	uint64_t ignored;
	int err;

	if (program_argument(call, &program) < 0)
		return fail(call, "execveat", NULL);
	sigemptyset(&none);
	getrlimit(RLIMIT_NOFILE, &nofile);
	ignored = unignore_signals();
	pthread_sigmask(SIG_SETMASK, &none, &mask);
	if (mark_all_close_on_exec() == 0 && keep_open(program.keep, program.keep_count) == 0 &&
	    (!program.has_nofile || setrlimit(RLIMIT_NOFILE, &program.nofile) == 0))
		execute(&program);
	err = errno;
	setrlimit(RLIMIT_NOFILE, &nofile);
	for (size_t i = 0; i < program.keep_count; i++)
		set_close_on_exec(program.keep[i], 1);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	ignore_signals(ignored);
	program_free(&program);
	errno = err;
	return fail(call, "execveat", NULL);
}

struct child {
	struct program *program;
	int32_t *moved;		/* the sources of the pairs, out of the way of their targets */
	char *stack;
	int err;
};

/* Where no target is. */
static int first_free(const struct program *program)
{
	int first = 3;

	for (size_t i = 0; i < program->pair_count; i++) {
		if (program->pairs[2 * i] >= first)
			first = program->pairs[2 * i] + 1;
	}
	return first;
}

/* A target may be the number of a later pair's source: so all sources move up first, and then down to their places. */
static int place_descriptors(struct child *child)
{
	struct program *program = child->program;
	int first = first_free(program);

	program->fd = fcntl(program->fd, F_DUPFD_CLOEXEC, first);
	if (program->fd < 0)
		return -1;
	for (size_t i = 0; i < program->pair_count; i++) {
		child->moved[i] = fcntl(program->pairs[2 * i + 1], F_DUPFD_CLOEXEC, first);
		if (child->moved[i] < 0)
			return -1;
	}
	for (size_t i = 0; i < program->pair_count; i++) {
		if (dup2(child->moved[i], program->pairs[2 * i]) < 0)
			return -1;
	}
	return 0;
}

/* Shares memory with the sleeping parent: the engine's handlers must not run here, so they go before the mask does. */
static int child_main(void *data)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	struct child *child = data;
	struct program *program = child->program;
	sigset_t none;

	for (int signal = 1; signal < NSIG; signal++)
		sigaction(signal, &action, NULL);
	sigemptyset(&none);
	if (mark_all_close_on_exec() == 0 && keep_open(program->keep, program->keep_count) == 0 &&
	    place_descriptors(child) == 0 &&
	    (!program->has_nofile || setrlimit(RLIMIT_NOFILE, &program->nofile) == 0) &&
	    sigprocmask(SIG_SETMASK, &none, NULL) == 0)
		execute(program);
	child->err = errno;
	_exit(127);
}

static pid_t spawn(struct child *child)
{
	sigset_t all, mask;
	pid_t pid;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	pid = clone(child_main, child->stack + CHILD_STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, child);
	err = errno;
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (pid > 0 && child->err != 0) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		err = child->err;
		pid = -1;
	}
	errno = err;
	return pid;
}

napi_value addon_spawnFd(struct call *call)
{
	struct program program;
	struct child child = { .program = &program };
	pid_t pid = -1;
	int err;

	if (program_argument(call, &program) < 0)
		return fail(call, "execveat", NULL);
	child.moved = calloc(program.pair_count + 1, sizeof(*child.moved));
	child.stack = malloc(CHILD_STACK);
	if (child.moved != NULL && child.stack != NULL)
		pid = spawn(&child);
	err = errno;
	free(child.stack);
	free(child.moved);
	program_free(&program);
	errno = err;
	return pid < 0 ? fail(call, "execveat", NULL) : int_result(call, pid);
}
