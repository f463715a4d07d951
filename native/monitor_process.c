/* The container's first process: who it is, and how it ends. Sources: wait(2), pidfd_open(2), proc_pid_stat(5). */
#include "monitor.h"

#include <linux/fcntl.h>
#include <linux/time_types.h>
#include <linux/wait.h>

/* struct pidfd_info of Linux 6.15; older kernels do not tell another process's exit status. Source: pidfd_open(2). */
struct pidfd_info {
	uint64_t mask, cgroup;
	uint32_t ids[11];
	int32_t exit_code;
};

#define PIDFD_INFO_EXIT 8
#define PIDFD_GET_INFO 0xc040ff0bu
#define TRIES 50
#define STAT_EXIT_CODE 52

/* As long as nobody has reaped it, its last field of /proc/PID/stat has it, for who may trace it. Source: proc_pid_stat(5). */
static int read_zombie_status(const struct monitor *m, int *wait_status)
{
	uint64_t value = 0;

	if (SYS(geteuid) != 0 || read_stat_field(m->pid, STAT_EXIT_CODE, &value) < 0)
		return -1;
	/* Still there after that: the pid was its own. */
	if (SYS(pidfd_send_signal, m->pidfd, 0, NULL, 0) < 0)
		return -1;
	*wait_status = (int)value;
	return 0;
}

/* Once it is reaped, its pidfd has it. */
static int read_reaped_status(const struct monitor *m, int *wait_status)
{
	struct pidfd_info info = { .mask = PIDFD_INFO_EXIT };

	if (SYS(ioctl, m->pidfd, PIDFD_GET_INFO, &info) < 0 || !(info.mask & PIDFD_INFO_EXIT))
		return -1;
	*wait_status = info.exit_code;
	return 0;
}

/* Of a container that is no child. */
int adopted_status(const struct monitor *m)
{
	struct __kernel_timespec pause = { 0, 10000000 };
	int status;

	for (int i = 0; i < TRIES; i++) {
		if (read_reaped_status(m, &status) == 0 || read_zombie_status(m, &status) == 0)
			return exit_status_of(status);
		SYS(nanosleep, &pause, NULL);
	}
	return UNKNOWN_STATUS;
}

/* A check may end before its pid is known, which the runtime leaves: until then it stays a zombie. */
static long reap_one(const struct monitor *m, int *status)
{
	long pid;

	if (m->health.phase != CHECK_STARTS)
		return SYS(wait4, -1, status, WNOHANG, NULL);
	pid = SYS(wait4, m->health.pid, status, WNOHANG, NULL);
	return pid > 0 || m->is_adopted ? pid : SYS(wait4, m->pid, status, WNOHANG, NULL);
}

/* Reaps whatever ended; the container's process counts once its pid is known. */
void reap(struct monitor *m)
{
	int status;
	long pid;

	while (m->pid > 0 && !m->has_ended && (pid = reap_one(m, &status)) > 0) {
		if (pid != m->pid) {
			health_reaped(m, (int)pid, status);
			continue;
		}
		m->has_ended = 1;
		m->exit_status = exit_status_of(status);
	}
}

/* "PID START-TIME": the pid alone could be another process's one day. */
int write_process_file(const char *name, int pid)
{
	char text[64];
	uint64_t ticks = 0;
	size_t at;

	if (read_start_time_of(pid, &ticks) < 0)
		return -1;
	at = put_number(text, sizeof(text), 0, (uint64_t)pid);
	at = put_number(text, sizeof(text), put_text(text, sizeof(text), at, " "), ticks);
	return write_text_file(name, text, put_text(text, sizeof(text), at, "\n"), 0);
}

int note_process(struct monitor *m, int pid)
{
	if (write_process_file("status", pid) < 0)
		return -1;
	m->pidfd = (int)SYS(pidfd_open, pid, 0);
	m->pid = pid;
	return 0;
}

/* The pid that the runtime has left; -1 where it has not. */
int read_pid_file(const char *name)
{
	char text[32];
	uint64_t pid = 0;

	if (read_small(AT_FDCWD, name, text, sizeof(text)) < 0 || parse_decimal(text, &pid) < 0)
		return -1;
	return pid > 0 && pid < MAX_PID ? (int)pid : -1;
}

/* "STATUS TIME", or "failed STATUS TIME" where the container never ran. */
void write_exit(struct monitor *m, const char *word)
{
	char text[96];
	size_t at = put_text(text, sizeof(text), 0, word);

	at = put_number(text, sizeof(text), at, (uint64_t)m->exit_status);
	at = put_time(text, sizeof(text), put_text(text, sizeof(text), at, " "));
	at = put_text(text, sizeof(text), at, "\n");
	if (write_text_file(m->exit_path, text, at, m->is_durable) < 0)
		(void)write_text_file("exit", text, at, 0);
}
