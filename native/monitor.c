/*
 * The monitor: mydocker-monitor DIRECTORY NAME[=VALUE]...
 *
 * The one process that stays with a container that `mydocker` has started: `mydocker` may end, be killed, or come back as
 * another client. It runs the OCI runtime (any one: commands are argument vectors), keeps the container's streams, logs
 * them, serves clients on a socket (monitor_client.c), waits for the end, writes how it was, and starts the command that
 * does the rest. It is never in the container's namespaces or cgroups.
 *
 * Its directory, on a filesystem that a boot empties, holds what finds it again:
 *
 *     attach.sock       where clients connect; nobody answers there once it is dead
 *     console.sock      where the runtime sends the container's terminal
 *     stdout stderr     fifos, which the container has open for reading too: where the monitor is killed, the container
 *                       writes on into the fifo, and another monitor ("adopt") reads it from there. No line is lost.
 *     lock              locked as long as the monitor lives
 *     chunk             what is read of the streams and not logged yet (monitor_chunk.c)
 *     exit              its exit status, where the exit-file's disk is full
 *     pid, status       the container's process: the runtime's pid file, and "PID START-TIME"
 *
 * Arguments: log, log-bytes, log-files, exit-file, hold (a file to lock, shared, see enter_user.c), durable, terminal,
 * input, input-once, timeout (milliseconds), client=FD (a connected client), adopt=PID, recover (logs what a killed one has
 * read, and ends), and the numbers of monitor_health.c; run=N, exit=N,
 * restart=N, health=N, health-change=N, each followed by N words, an argument vector; run-fd=FD, the executable of the run
 * that follows; pass=FD, a descriptor for the runtime only. The exit command may ask to be run again as the restart
 * command: exit status 64+n, after 2^n * 100 ms.
 */
#include "monitor.h"
#include "sockets.h"

#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/time_types.h>

#define SFD_FLAGS 02004000	/* SFD_CLOEXEC | SFD_NONBLOCK */
#define SIG_SETMASK 2
#define RESTART_STATUS 64
#define MAX_RESTART_STEP 10

static struct monitor monitor;

/* Runs the runtime. Returns 0 once the container's command runs, or what a command failed with. */
static int start(struct monitor *m)
{
	for (int i = 0; i < m->command_count; i++) {
		int status = run_command(m, &m->commands[i], 1);

		if (status != 0)
			return status;
	}
	if (m->container_input >= 0)
		SYS(close, m->container_input);
	m->container_input = -1;
	return note_process(m, read_pid_file("pid")) < 0 ? UNKNOWN_STATUS : 0;
}

static void await_cleaner(struct monitor *m)
{
	while (m->is_ending == 1 && client_is_cleaning(m))
		serve(m, -1);
}

static void wait_before_restart(struct monitor *m, int step)
{
	struct __kernel_timespec now, end;
	int64_t left = 100;

	SYS(clock_gettime, 1 /* CLOCK_MONOTONIC */, &now);
	left <<= step > MAX_RESTART_STEP ? MAX_RESTART_STEP : step;
	end = now;
	end.tv_sec += left / 1000;
	while (left > 0 && m->is_ending == 1) {
		serve(m, (int)left);
		SYS(clock_gettime, 1, &now);
		left = (end.tv_sec - now.tv_sec) * 1000 + (end.tv_nsec - now.tv_nsec) / 1000000;
	}
}

/* Tells the clients, and has the rest done: by a client that said so, else by the exit command. */
static void finish(struct monitor *m, const char *word)
{
	int status;

	m->is_ending = 1;
	clients_tell(m, word, (uint64_t)m->exit_status);
	await_cleaner(m);
	if (m->is_ending == 2 || m->exit_command.argv == NULL)
		return;
	status = run_command(m, &m->exit_command, 0);
	if (status < RESTART_STATUS || status > RESTART_STATUS + 2 * MAX_RESTART_STEP || m->restart_command.argv == NULL)
		return;
	wait_before_restart(m, status - RESTART_STATUS);
	if (m->is_ending == 2)
		return;
	/* The next monitor listens under the same name, and has the lock. */
	SYS(close, m->listener);
	SYS(close, m->lock);
	m->listener = m->lock = -1;
	(void)run_command(m, &m->restart_command, 0);
}

/* Whoever wants to know whether the monitor lives tries to lock it, too. Source: flock(2). */
static void hold_lock(struct monitor *m)
{
	m->lock = (int)SYS(openat, AT_FDCWD, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (m->lock >= 0)
		SYS(flock, m->lock, 2 /* LOCK_EX */);
	if (m->held_path != NULL) {
		long held = SYS(openat, AT_FDCWD, m->held_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);

		if (held >= 0)
			SYS(flock, held, 1 /* LOCK_SH */);
	}
}

static int monitor_init(struct monitor *m)
{
	uint64_t all = ~0ull;

	SYS(setsid);
	SYS(prctl, PR_SET_NAME, "mydocker-monit", 0, 0, 0);
	SYS(prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	SYS(rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
	m->signals = (int)SYS(signalfd4, -1, &all, sizeof(all), SFD_FLAGS);
	m->listener = listen_at("attach.sock");
	return m->signals < 0 || m->listener < 0 ? -1 : open_streams(m);
}

static void monitor_clear(struct monitor *m, char *const *envp)
{
	m->envp = envp;
	m->log_max_files = 1;
	m->signals = m->listener = m->console = m->master = m->input = m->container_input = m->log_fd = m->pidfd = -1;
	m->health.output = -1;
	for (int i = 0; i < STREAM_COUNT; i++)
		m->streams[i].fd = -1;
	for (int i = 0; i < MAX_CLIENTS; i++)
		m->clients[i].socket = -1;
}

/* Of two times to wait; a negative one has no end. */
static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int supervise(struct monitor *m)
{
	m->exit_status = m->is_adopted ? 0 : start(m);
	if (m->exit_status != 0) {
		write_exit(m, "failed ");
		finish(m, "failed");
		return 1;
	}
	clients_tell(m, "started", (uint64_t)m->pid);
	reap(m);
	health_begin(m);
	deadline_begin(m);
	while (!m->has_ended) {
		serve(m, sooner(health_wait_ms(m), deadline_wait_ms(m)));
		health_step(m);
		deadline_step(m);
	}
	deadline_end(m);
	health_end(m);
	drain_streams(m);
	write_exit(m, "");
	finish(m, "exit");
	return 0;
}

int main(int argc, char **argv, char **envp)
{
	struct monitor *m = &monitor;
	char *room[2 * argc + 2 * MAX_COMMANDS + 16];
	char **vectors = room;

	monitor_clear(m, envp);
	if (argc < 3 || read_arguments(m, argc, argv, &vectors) < 0 || SYS(chdir, argv[1]) < 0)
		return 2;
	m->is_adopted = m->pid > 0;
	hold_lock(m);
	keep_chunks(m);
	if (m->is_adopted || m->recovers_only)
		recover_chunk(m);
	if (m->recovers_only)
		return 0;
	if (m->is_adopted && note_process(m, m->pid) < 0)
		return 3;
	if (monitor_init(m) < 0)
		return 4;
	if (m->is_adopted)
		health_adopt(m);
	return supervise(m);
}
