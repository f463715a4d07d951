/* The container's streams: fifos, or the terminal that the runtime sends; and what is read from them and written to them. */
#include "monitor.h"
#include "sockets.h"

#include <linux/fcntl.h>
#include <linux/stat.h>

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

int listen_at(const char *name)
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

static void hold_terminal(struct monitor *m, int master)
{
	m->master = m->input = m->streams[STREAM_OUT].fd = master;
	SYS(fcntl, master, F_SETFL, SYS(fcntl, master, F_GETFL, 0) | O_NONBLOCK);
	for (int i = 0; i < MAX_CLIENTS; i++)
		copy_size(m, &m->clients[i]);
}

/* The runtime connects and sends the master of the container's terminal. */
void take_terminal(struct monitor *m)
{
	char data[PATH_SIZE];
	struct iovec iov = { data, sizeof(data) };
	struct fds_control control = { 0 };
	struct message message = { NULL, 0, &iov, 1, &control, sizeof(control), 0 };
	long connection = SYS(accept4, m->console, NULL, NULL, SOCK_CLOEXEC);
	int fds[MAX_PASSED_FDS], count = 0;

	if (connection < 0)
		return;
	if (SYS(recvmsg, connection, &message, MSG_CMSG_CLOEXEC) > 0)
		count = passed_fds(&message, &control, fds);
	SYS(close, connection);
	if (count > 0 && m->master < 0)
		hold_terminal(m, fds[--count]);
	while (count > 0)
		SYS(close, fds[--count]);
}

/* Reads what is there, logs it, and keeps it until every client has it. Returns 0 where there was nothing. */
int take_output(struct monitor *m, int stream)
{
	long n = read_chunk(m, stream);

	if (n <= 0) {
		/* EIO: nobody has the terminal open any more. */
		if (n != -EAGAIN && n != -EINTR)
			m->streams[stream].fd = -1;
		return 0;
	}
	for (int i = 0; i < MAX_CLIENTS; i++)
		m->clients[i].taken[stream] = 0;
	clients_give(m, stream);
	return 1;
}

void give_input(struct monitor *m)
{
	long n = SYS(write, m->input, m->pending + m->pending_at, m->pending_end - m->pending_at);

	if (n > 0)
		m->pending_at += (size_t)n;
	else if (n != -EAGAIN && n != -EINTR)
		m->pending_at = m->pending_end;
}

/* What the container wrote before it ended, without waiting for others that hold its streams open. */
void drain_streams(struct monitor *m)
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
		log_carry(m, s);
	}
}

static int open_fifo(const char *name)
{
	long err = SYS(mknodat, AT_FDCWD, name, S_IFIFO | 0600, 0);

	if (err < 0 && err != -EEXIST)
		return (int)err;
	return (int)SYS(openat, AT_FDCWD, name, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
}

int open_streams(struct monitor *m)
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
