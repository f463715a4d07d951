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
 *     pid, status       the container's process: the runtime's pid file, and "PID START-TIME"
 *
 * Arguments: log, log-bytes, log-files, exit-file, durable, terminal, input, input-once, client=FD (a connected client),
 * adopt=PID; run=N, exit=N, restart=N, each followed by N words, an argument vector; run-fd=FD, the executable of the
 * run that follows; pass=FD, a descriptor for the runtime only. The exit command may ask to be run again as the restart command: exit status 64+n, after 2^n * 100 ms.
 */
#include "monitor.h"

#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#define AF_UNIX 1
#define SOCK_STREAM 1
#define SOCK_CLOEXEC 02000000
#define SOCK_NONBLOCK 04000
#define SFD_FLAGS 02004000	/* SFD_CLOEXEC | SFD_NONBLOCK */
#define SIG_SETMASK 2
#define RESTART_STATUS 64
#define MAX_RESTART_STEP 10
#define UNKNOWN_STATUS 255

static struct monitor monitor;

struct pollfd_entry {
	int fd;
	short events, revents;
};

struct sockaddr_unix {
	uint16_t family;
	char path[108];
};

/* The client's terminal gives the container's its size. */
void copy_size(struct monitor *m, const struct client *client)
{
	struct winsize size;

	if (m->master < 0)
		return;
	if ((client->input >= 0 && SYS(ioctl, client->input, TIOCGWINSZ, &size) == 0) ||
	    (client->output[STREAM_OUT] >= 0 && SYS(ioctl, client->output[STREAM_OUT], TIOCGWINSZ, &size) == 0))
		(void)SYS(ioctl, m->master, TIOCSWINSZ, &size);
}

static int listen_at(const char *name)
{
	struct sockaddr_unix address = { .family = AF_UNIX };
	long fd = SYS(socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return (int)fd;
	put_text(address.path, sizeof(address.path), 0, name);
	SYS(unlinkat, AT_FDCWD, name, 0);
	if (SYS(bind, fd, &address, sizeof(address)) < 0 || SYS(listen, fd, 8) < 0)
		return -1;
	return (int)fd;
}

struct iovec {
	void *base;
	size_t length;
};

/* The runtime connects and sends the master of the container's terminal. */
static void take_terminal(struct monitor *m)
{
	char data[PATH_SIZE];
	struct iovec iov = { data, sizeof(data) };
	struct {
		size_t length;
		int level, type, fd, padding;
	} control = { 0 };
	struct {
		void *name;
		int name_length;
		struct iovec *iov;
		size_t iov_count;
		void *control;
		size_t control_length;
		unsigned int flags;
	} message = { NULL, 0, &iov, 1, &control, sizeof(control), 0 };
	long connection = SYS(accept4, m->console, NULL, NULL, SOCK_CLOEXEC);

	if (connection < 0)
		return;
	if (SYS(recvmsg, connection, &message, 0x40000000 /* MSG_CMSG_CLOEXEC */) > 0 && control.type == 1 /* SCM_RIGHTS */ &&
	    m->master < 0) {
		m->master = m->input = control.fd;
		m->streams[STREAM_OUT].fd = control.fd;
		SYS(fcntl, control.fd, F_SETFL, SYS(fcntl, control.fd, F_GETFL, 0) | O_NONBLOCK);
		for (int i = 0; i < MAX_CLIENTS; i++)
			copy_size(m, &m->clients[i]);
	}
	SYS(close, connection);
}

/* Reads what is there, logs it, and keeps it until every client has it. Returns 0 where there was nothing. */
static int take_output(struct monitor *m, int stream)
{
	struct stream *s = &m->streams[stream];
	size_t total;
	long n;

	memcpy(s->data, s->carry, s->carried);
	n = SYS(read, s->fd, s->data + s->carried, sizeof(s->data) - s->carried);
	if (n <= 0) {
		/* EIO: nobody has the terminal open any more. */
		if (n != -EAGAIN && n != -EINTR)
			s->fd = -1;
		return 0;
	}
	s->start = s->carried;
	s->length = (size_t)n;
	total = s->carried + (size_t)n;
	s->carried = unfinished_character(s->data, total);
	memcpy(s->carry, s->data + total - s->carried, s->carried);
	log_chunk(m, stream, s->data, total - s->carried);
	for (int i = 0; i < MAX_CLIENTS; i++)
		m->clients[i].taken[stream] = 0;
	clients_give(m, stream);
	return 1;
}

static void read_signals(struct monitor *m)
{
	char info[128];

	while (SYS(read, m->signals, info, sizeof(info)) > 0)
		;
}

/* Reaps whatever ended; the container's process counts once its pid is known. */
static void reap(struct monitor *m)
{
	int status;
	long pid;

	while (m->pid > 0 && !m->has_ended && (pid = SYS(wait4, -1, &status, WNOHANG, NULL)) > 0) {
		if (pid != m->pid)
			continue;
		m->has_ended = 1;
		m->exit_status = exit_status_of(status);
	}
}

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
static int adopted_status(const struct monitor *m)
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

static void give_input(struct monitor *m)
{
	long n = SYS(write, m->input, m->pending + m->pending_at, m->pending_end - m->pending_at);

	if (n > 0)
		m->pending_at += (size_t)n;
	else if (n != -EAGAIN && n != -EINTR)
		m->pending_at = m->pending_end;
}

enum { AT_SIGNALS, AT_LISTENER, AT_CONSOLE, AT_PIDFD, AT_STREAMS, AT_INPUT = AT_STREAMS + STREAM_COUNT, AT_CLIENTS };

#define PER_CLIENT (2 + STREAM_COUNT)
#define ENTRY_COUNT (AT_CLIENTS + MAX_CLIENTS * PER_CLIENT)

static void fill_entries(struct monitor *m, struct pollfd_entry *entries)
{
	int has_pending = m->pending_at < m->pending_end;

	entries[AT_SIGNALS] = (struct pollfd_entry){ m->signals, POLLIN, 0 };
	entries[AT_LISTENER] = (struct pollfd_entry){ m->listener, POLLIN, 0 };
	entries[AT_CONSOLE] = (struct pollfd_entry){ m->console, POLLIN, 0 };
	entries[AT_PIDFD] = (struct pollfd_entry){ m->is_adopted && !m->has_ended ? m->pidfd : -1, POLLIN, 0 };
	entries[AT_INPUT] = (struct pollfd_entry){ has_pending ? m->input : -1, POLLOUT, 0 };
	for (int s = 0; s < STREAM_COUNT; s++) {
		/* What comes before the container runs is the runtime's own word for a failure, which is in its log. */
		int fd = m->streams[s].length == 0 && m->pid > 0 ? m->streams[s].fd : -1;

		entries[AT_STREAMS + s] = (struct pollfd_entry){ fd, POLLIN, 0 };
	}
	for (int i = 0; i < MAX_CLIENTS; i++) {
		const struct client *client = &m->clients[i];
		struct pollfd_entry *own = entries + AT_CLIENTS + i * PER_CLIENT;

		own[0] = (struct pollfd_entry){ client->socket, POLLIN, 0 };
		own[1] = (struct pollfd_entry){ has_pending || m->input < 0 || client->socket < 0 ? -1 : client->input, POLLIN, 0 };
		for (int s = 0; s < STREAM_COUNT; s++) {
			int is_waiting = client->socket >= 0 && client->taken[s] < m->streams[s].length;

			own[2 + s] = (struct pollfd_entry){ is_waiting ? client->output[s] : -1, POLLOUT, 0 };
		}
	}
}

static void serve_clients(struct monitor *m, const struct pollfd_entry *entries)
{
	for (int i = 0; i < MAX_CLIENTS; i++) {
		const struct pollfd_entry *own = entries + AT_CLIENTS + i * PER_CLIENT;

		if (own[1].revents && m->pending_at >= m->pending_end)
			client_input(m, &m->clients[i]);
		if (own[0].revents && m->clients[i].socket == own[0].fd)
			client_message(m, &m->clients[i]);
	}
}

/* Waits until something happens, and does what it asks for. */
void serve(struct monitor *m, int timeout_ms)
{
	static struct pollfd_entry entries[ENTRY_COUNT];
	struct __kernel_timespec timeout = { timeout_ms / 1000, (timeout_ms % 1000) * 1000000L };

	fill_entries(m, entries);
	if (SYS(ppoll, entries, ENTRY_COUNT, timeout_ms < 0 ? NULL : &timeout, NULL, 8) < 0)
		return;
	if (entries[AT_SIGNALS].revents) {
		read_signals(m);
		reap(m);
	}
	if (entries[AT_PIDFD].revents) {
		m->has_ended = 1;
		m->exit_status = adopted_status(m);
	}
	if (entries[AT_CONSOLE].revents)
		take_terminal(m);
	if (entries[AT_INPUT].revents)
		give_input(m);
	for (int s = 0; s < STREAM_COUNT; s++) {
		if (m->streams[s].length > 0)
			clients_give(m, s);
		else if (entries[AT_STREAMS + s].revents)
			take_output(m, s);
	}
	serve_clients(m, entries);
	if (entries[AT_LISTENER].revents) {
		long socket = SYS(accept4, m->listener, NULL, NULL, SOCK_CLOEXEC);

		if (socket >= 0)
			client_accept(m, (int)socket);
	}
}

/* What the container wrote before it ended, without waiting for others that hold its streams open. */
static void drain(struct monitor *m)
{
	for (int s = 0; s < STREAM_COUNT; s++) {
		for (;;) {
			/* A client that takes nothing may hold this up for a while, and not for ever. */
			for (int i = 0; i < 100 && m->streams[s].length > 0; i++) {
				serve(m, 10);
				clients_give(m, s);
			}
			m->streams[s].length = 0;
			if (m->streams[s].fd < 0 || !take_output(m, s))
				break;
		}
		log_chunk(m, s, m->streams[s].carry, m->streams[s].carried);
		m->streams[s].carried = 0;
	}
}

/* "PID START-TIME": the pid alone could be another process's one day. */
static int note_process(struct monitor *m, int pid)
{
	char text[64];
	uint64_t ticks = 0;
	size_t at;

	if (read_start_time_of(pid, &ticks) < 0)
		return -1;
	m->pidfd = (int)SYS(pidfd_open, pid, 0);
	m->pid = pid;
	at = put_number(text, sizeof(text), 0, (uint64_t)pid);
	at = put_number(text, sizeof(text), put_text(text, sizeof(text), at, " "), ticks);
	return write_text_file("status", text, put_text(text, sizeof(text), at, "\n"), 0);
}

static int read_pid(void)
{
	char text[32] = "";
	uint64_t pid = 0;
	long fd = SYS(openat, AT_FDCWD, "pid", O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	(void)SYS(read, fd, text, sizeof(text) - 1);
	SYS(close, fd);
	return parse_decimal(text, &pid) == 0 && pid > 0 && pid < 1u << 30 ? (int)pid : -1;
}

/* "STATUS TIME", or "failed STATUS TIME" where the container never ran. */
static void write_exit(struct monitor *m, const char *word)
{
	char text[96];
	size_t at = put_text(text, sizeof(text), 0, word);

	at = put_number(text, sizeof(text), at, (uint64_t)m->exit_status);
	at = put_time(text, sizeof(text), put_text(text, sizeof(text), at, " "));
	(void)write_text_file(m->exit_path, text, put_text(text, sizeof(text), at, "\n"), m->is_durable);
}

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
	return note_process(m, read_pid()) < 0 ? UNKNOWN_STATUS : 0;
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

static int open_fifo(const char *name)
{
	long err = SYS(mknodat, AT_FDCWD, name, S_IFIFO | 0600, 0);

	if (err < 0 && err != -EEXIST)
		return (int)err;
	return (int)SYS(openat, AT_FDCWD, name, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
}

static int open_streams(struct monitor *m)
{
	int ends[2];

	if (m->has_terminal) {
		m->console = m->is_adopted ? -1 : listen_at("console.sock");
		return m->is_adopted || m->console >= 0 ? 0 : -1;
	}
	m->streams[STREAM_OUT].fd = open_fifo("stdout");
	m->streams[STREAM_ERR].fd = open_fifo("stderr");
	if (m->streams[STREAM_OUT].fd < 0 || m->streams[STREAM_ERR].fd < 0)
		return -1;
	if (!m->keeps_input || m->is_adopted)
		return 0;
	if (SYS(pipe2, ends, O_CLOEXEC) < 0)
		return -1;
	m->container_input = ends[0];
	m->input = ends[1];
	SYS(fcntl, m->input, F_SETFL, O_WRONLY | O_NONBLOCK);
	return 0;
}

/* Whoever wants to know whether the monitor lives tries to lock it, too. Source: flock(2). */
static void hold_lock(struct monitor *m)
{
	m->lock = (int)SYS(openat, AT_FDCWD, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (m->lock >= 0)
		SYS(flock, m->lock, 2 /* LOCK_EX */);
}

static int monitor_init(struct monitor *m)
{
	uint64_t all = ~0ull;

	SYS(setsid);
	hold_lock(m);
	SYS(prctl, PR_SET_NAME, "mydocker-monit", 0, 0, 0);
	SYS(prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	SYS(rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
	m->signals = (int)SYS(signalfd4, -1, &all, sizeof(all), SFD_FLAGS);
	m->listener = listen_at("attach.sock");
	return m->signals < 0 || m->listener < 0 ? -1 : open_streams(m);
}

static const char *value_of(const char *word, const char *name)
{
	if (!text_starts(word, name))
		return NULL;
	word += strlen(name);
	return *word == '=' ? word + 1 : NULL;
}

static int set_number(const char *word, const char *name, uint64_t *number)
{
	const char *value = value_of(word, name);

	return value != NULL && parse_decimal(value, number) == 0;
}

static int set_plain(struct monitor *m, const char *word)
{
	uint64_t number = 0;
	const char *value;

	if ((value = value_of(word, "log")) != NULL)
		m->log_path = value;
	else if ((value = value_of(word, "exit-file")) != NULL)
		m->exit_path = value;
	else if (text_equals(word, "durable"))
		m->is_durable = 1;
	else if (text_equals(word, "terminal"))
		m->has_terminal = 1;
	else if (text_equals(word, "input"))
		m->keeps_input = 1;
	else if (text_equals(word, "input-once"))
		m->input_once = 1;
	else if (set_number(word, "client", &number))
		client_accept(m, (int)number);
	else if (set_number(word, "adopt", &number))
		m->pid = (int)number;
	else if (set_number(word, "pass", &number) && m->passed_count < MAX_PASSED)
		m->passed[m->passed_count++] = (int)number;
	else if (!set_number(word, "log-bytes", &m->log_max_bytes) && !set_number(word, "log-files", &m->log_max_files))
		return -1;
	return 0;
}

/* "NAME=N" and N words behind it, which are copied with a NULL at their end. */
static int read_arguments(struct monitor *m, int argc, char **argv, char ***vectors)
{
	int executable = -1;

	for (int i = 2; i < argc; i++) {
		struct command command = { NULL, executable };
		uint64_t count, number;
		int is_run = set_number(argv[i], "run", &count), is_exit = set_number(argv[i], "exit", &count);

		if (!is_run && !is_exit && !set_number(argv[i], "restart", &count)) {
			if (set_number(argv[i], "run-fd", &number))
				executable = (int)number;
			else if (set_plain(m, argv[i]) < 0)
				return -1;
			continue;
		}
		if (count == 0 || count > (uint64_t)(argc - i - 1) || (is_run && m->command_count == MAX_COMMANDS))
			return -1;
		for (uint64_t j = 0; j < count; j++)
			(*vectors)[j] = argv[++i];
		(*vectors)[count] = NULL;
		command.argv = *vectors;
		*vectors += count + 1;
		if (is_run)
			m->commands[m->command_count++] = command;
		else
			*(is_exit ? &m->exit_command : &m->restart_command) = (struct command){ command.argv, -1 };
		executable = -1;
	}
	return m->exit_path == NULL ? -1 : 0;
}

static void monitor_clear(struct monitor *m, char *const *envp)
{
	m->envp = envp;
	m->log_max_files = 1;
	m->signals = m->listener = m->console = m->master = m->input = m->container_input = m->log_fd = m->pidfd = -1;
	for (int i = 0; i < STREAM_COUNT; i++)
		m->streams[i].fd = -1;
	for (int i = 0; i < MAX_CLIENTS; i++)
		m->clients[i].socket = -1;
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
	while (!m->has_ended)
		serve(m, -1);
	drain(m);
	write_exit(m, "");
	finish(m, "exit");
	return 0;
}

int main(int argc, char **argv, char **envp)
{
	struct monitor *m = &monitor;
	char *room[2 * argc + MAX_COMMANDS + 8];
	char **vectors = room;

	monitor_clear(m, envp);
	if (argc < 3 || read_arguments(m, argc, argv, &vectors) < 0 || SYS(chdir, argv[1]) < 0)
		return 2;
	m->is_adopted = m->pid > 0;
	if (m->is_adopted && note_process(m, m->pid) < 0)
		return 3;
	if (monitor_init(m) < 0)
		return 4;
	return supervise(m);
}
