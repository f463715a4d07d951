/* Programs that the plan runs and waits for: hooks, and the helpers that write id mappings. */
#include "trace.h"

#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#define SIGKILL 9
#define SIGCHLD 17
#define O_CLOEXEC_NONBLOCK (02000000 | 04000)

/* The child's side: the program's streams and directory, then the program. The exit status of a failed execve is 127. */
static _Noreturn void become_program(struct ctx *c, const char *path, char *const *envp, int input, int cwd, int output)
{
	signals_restore();
	if (input < 0)
		input = (int)SYS(openat, -100, "/dev/null", 0, 0);
	SYS(dup3, input, 0, 0);
	SYS(dup3, output, 1, 0);
	SYS(dup3, output, 2, 0);
	if (cwd >= 0 && SYS(fchdir, cwd) < 0)
		SYS(exit_group, 127);
	SYS(close_range, 3, ~0u, 0);
	SYS(execve, path, c->vector, envp);
	SYS(exit_group, 127);
	__builtin_unreachable();
}

/* Appends what the program wrote to the note, one line of it: a message has to fit on one. */
static void note_output(struct ctx *c, int output)
{
	char buffer[256];
	long n = SYS(read, output, buffer, sizeof(buffer) - 1);

	if (n <= 0)
		return;
	while (n > 0 && (buffer[n - 1] == '\n' || buffer[n - 1] == ' '))
		n--;
	buffer[n] = '\0';
	for (long i = 0; i < n; i++) {
		if ((unsigned char)buffer[i] < ' ')
			buffer[i] = ' ';
	}
	if (n > 0) {
		c->note_length = put_text(c->note, sizeof(c->note), c->note_length, ": ");
		c->note_length = put_text(c->note, sizeof(c->note), c->note_length, buffer);
	}
}

static int wait_program(struct ctx *c, const char *path, int pidfd, int output, uint64_t timeout_ms)
{
	struct pollfd entry = { pidfd, POLLIN, 0 };
	struct __kernel_timespec timeout = { (int64_t)(timeout_ms / 1000), (long)(timeout_ms % 1000) * 1000000 };
	struct exit_info info = { 0 };
	long ready;

	/* The kernel counts down the timeout itself when a signal interrupts. */
	do {
		ready = SYS(ppoll, &entry, 1, timeout_ms ? &timeout : NULL, NULL, 8);
	} while (ready == -EINTR);
	if (ready == 0)
		SYS(pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	SYS(waitid, P_PIDFD, pidfd, &info, WEXITED, NULL);
	if (ready != 0 && info.code == 1 && info.status == 0)
		return 0;
	c->note_length = put_text(c->note, sizeof(c->note), 0,
				  ready == 0 ? "timeout" : info.code == 1 ? "exit status " : "signal ");
	if (ready != 0)
		c->note_length = put_number(c->note, sizeof(c->note), c->note_length, (uint64_t)info.status);
	note_output(c, output);
	return failed(c, "program", path, ready == 0 ? -ETIMEDOUT : -ECANCELED);
}

/*
 * Runs the program with c->vector as its arguments; 0 when it ends with status 0 in time (0: no limit). Without an
 * `input` (-1) it reads nothing, without a `cwd` (-1) it starts where the caller is.
 */
int program_run(struct ctx *c, const char *path, char *const *envp, int input, int cwd, uint64_t timeout_ms)
{
	int output[2], pidfd = -1;
	long pid, err = SYS(pipe2, output, O_CLOEXEC_NONBLOCK);

	if (err < 0)
		return failed(c, "pipe2", path, err);
	/* Not clone3, which the filters of engines refuse: a startContainer hook is run under the container's. */
	pid = SYS(clone, CLONE_PIDFD | SIGCHLD, 0, &pidfd, 0, 0);
	if (pid == 0)
		become_program(c, path, envp, input, cwd, output[1]);
	SYS(close, output[1]);
	if (pid < 0) {
		SYS(close, output[0]);
		return failed(c, "clone", path, pid);
	}
	err = wait_program(c, path, pidfd, output[0], timeout_ms);
	SYS(close, pidfd);
	SYS(close, output[0]);
	return (int)err;
}

/* The array of pointers that execve wants; `room` is where the list of arguments ends in c->vector. */
static char *const *vector_of(const struct list *list, const char **room)
{
	const char *item = list->first;
	uint32_t n = 0;

	for (; n < list->count; n++, item = list_next(item))
		room[n] = item;
	room[n] = NULL;
	return (char *const *)(uintptr_t)room;
}

/* An environment, with the HOME that env.home has found where the config sets none. */
static void put_environment(struct ctx *c, const char **room, const struct list *env, int with_home)
{
	int home = with_home && c->home[0];

	if (home)
		room[0] = c->home;
	vector_of(env, home ? room + 1 : room);
}

/* A hook gets the container's state on its standard input: a file in memory, so that it need not read it. */
int op_hook_run(struct ctx *c, const union arg *a)
{
	char pid[24];
	const char *state[] = { a[5].string, pid, a[6].string };
	const char **env;
	int input, err;
	long file = SYS(openat, -100, a[1].string, 010000000 | 02000000 /* O_PATH|O_CLOEXEC */, 0);

	if (file < 0)
		return failed(c, "open", a[1].string, file);
	SYS(close, file);
	put_number(pid, sizeof(pid), 0, (uint64_t)c->pid);
	input = memfd_of("state", state, 3);
	if (input < 0)
		return failed(c, "memfd_create", NULL, input);
	vector_of(&a[2].list, c->vector);
	if (a[2].list.count == 0) {
		c->vector[0] = a[1].string;
		c->vector[1] = NULL;
	}
	env = c->vector + a[2].list.count + 2;
	put_environment(c, env, &a[3].list, a[8].number != 0);
	err = program_run(c, a[1].string, a[9].number ? c->envp : (char *const *)(uintptr_t)env, input,
			  a[10].number ? c->root : -1, a[4].number);
	SYS(close, input);
	if (err < 0 && !a[7].number) {
		c->warned = 1;
		record_build(c, err);
		return 0;
	}
	return err;
}

/* The last step: the arguments and the environment of the config, and the file that exec.find has found. */
int op_exec(struct ctx *c, const union arg *a)
{
	char *const *argv = vector_of(&a[0].list, c->vector);
	const char **env = c->vector + a[0].list.count + 2;
	long err;

	put_environment(c, env, &a[1].list, 1);
	err = c->sync >= 0 ? write_all(c->sync, "E", 1) : 0;
	if (err < 0)
		SYS(exit_group, 1);
	trace_step(c);
	err = SYS(execve, c->command, argv, (char *const *)(uintptr_t)env);
	return failed(c, "execve", c->command, err);
}
