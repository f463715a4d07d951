/*
 * The clients of a monitor: each connects to a socket, hands over its own standard streams, and gets and sends lines.
 *
 *     client → monitor   attach FLAGS KEYS   with the descriptors that FLAGS name: i, o, e; c: it clears up; r: raw
 *                        signal N            send the container a signal
 *                        resize              the size of the client's terminal has changed
 *                        done                the cleaner has cleared up
 *     monitor → client   started PID         the command runs (or ran already, when the client came)
 *                        failed N            the runtime ended with N and there is no container
 *                        detached 0          the keys were pressed
 *                        exit N              the container has ended; 128+n for a signal
 *
 * The end of a connection, from either side, ends the attachment. What a client writes to is never waited for: a chunk
 * that it has not taken keeps that stream from being read, as a full pipe would.
 */
#include "monitor.h"
#include "sockets.h"

#include <linux/fcntl.h>

static void close_fd(int *fd)
{
	if (*fd >= 0)
		SYS(close, *fd);
	*fd = -1;
}

void client_drop(struct client *client)
{
	restore_terminal(client);
	client->is_cleaner = 0;
	close_fd(&client->input);
	for (int i = 0; i < STREAM_COUNT; i++)
		close_fd(&client->output[i]);
	close_fd(&client->socket);
}

static void tell(struct client *client, const char *word, uint64_t number)
{
	char line[64];
	size_t length = put_text(line, sizeof(line), 0, word);

	length = put_text(line, sizeof(line), length, " ");
	length = put_number(line, sizeof(line), length, number);
	length = put_text(line, sizeof(line), length, "\n");
	if (!text_equals(word, "started"))
		restore_terminal(client);
	/* A client that has gone is noticed by its end of file. */
	(void)SYS(sendto, client->socket, line, length, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
}

void clients_tell(struct monitor *m, const char *word, uint64_t number)
{
	for (int i = 0; i < MAX_CLIENTS; i++) {
		if (m->clients[i].socket >= 0)
			tell(&m->clients[i], word, number);
	}
}

int client_is_cleaning(const struct monitor *m)
{
	for (int i = 0; i < MAX_CLIENTS; i++) {
		if (m->clients[i].is_cleaner)
			return 1;
	}
	return 0;
}

void client_accept(struct monitor *m, int socket)
{
	for (int i = 0; i < MAX_CLIENTS; i++) {
		struct client *client = &m->clients[i];

		if (client->socket >= 0)
			continue;
		memset(client, 0, sizeof(*client));
		client->socket = socket;
		SYS(fcntl, socket, F_SETFD, FD_CLOEXEC);
		client->input = client->output[STREAM_OUT] = client->output[STREAM_ERR] = -1;
		return;
	}
	SYS(close, socket);
}

static void attach(struct monitor *m, struct client *client, const char *flags, int *fds, int count)
{
	int next = 0, is_raw = 0;

	for (; *flags && *flags != ' '; flags++) {
		if (*flags == 'c')
			client->is_cleaner = 1;
		else if (*flags == 'r')
			is_raw = 1;
		else if (*flags == 'i' && next < count)
			client->input = fds[next++];
		else if (*flags == 'o' && next < count)
			client->output[STREAM_OUT] = without_blocking(fds[next++]);
		else if (*flags == 'e' && next < count)
			client->output[STREAM_ERR] = without_blocking(fds[next++]);
	}
	while (next < count)
		SYS(close, fds[next++]);
	if (*flags == ' ')
		read_keys(client, flags + 1);
	for (int i = 0; i < STREAM_COUNT; i++)
		client->taken[i] = m->streams[i].length;
	if (is_raw)
		make_raw(client);
	copy_size(m, client);
	if (m->is_ending)
		tell(client, "exit", (uint64_t)m->exit_status);
	else if (m->pid > 0)
		tell(client, "started", (uint64_t)m->pid);
}

static void obey(struct monitor *m, struct client *client, const char *line, int *fds, int count)
{
	uint64_t number;

	if (text_starts(line, "attach ")) {
		attach(m, client, line + 7, fds, count);
		return;
	}
	for (int i = 0; i < count; i++)
		SYS(close, fds[i]);
	if (text_starts(line, "signal ") && parse_decimal(line + 7, &number) == 0 && m->pidfd >= 0)
		(void)SYS(pidfd_send_signal, m->pidfd, number, NULL, 0);
	else if (text_equals(line, "resize"))
		copy_size(m, client);
	else if (text_equals(line, "done"))
		m->is_ending = 2;
}

void client_message(struct monitor *m, struct client *client)
{
	struct iovec iov = { client->line + client->line_length, sizeof(client->line) - 1 - client->line_length };
	struct fds_control control = { 0 };
	struct message message = { NULL, 0, &iov, 1, &control, sizeof(control), 0 };
	long n = SYS(recvmsg, client->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fds[MAX_PASSED_FDS], count;
	size_t start = 0, end;

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0 || iov.length == 0) {
		client_drop(client);
		return;
	}
	count = passed_fds(&message, &control, fds);
	end = client->line_length + (size_t)n;
	for (size_t i = 0; i < end; i++) {
		if (client->line[i] != '\n')
			continue;
		client->line[i] = '\0';
		obey(m, client, client->line + start, fds, count);
		count = 0;
		start = i + 1;
	}
	memmove(client->line, client->line + start, end - start);
	client->line_length = end - start;
}

/* At the end of a client's input a terminal reads Ctrl-D, and a pipe ends where it was opened for this client only. */
static void input_ended(struct monitor *m, struct client *client)
{
	close_fd(&client->input);
	if (m->has_terminal) {
		memcpy(m->pending, client->keys, client->keys_seen);
		m->pending[client->keys_seen] = 4;
		m->pending_at = 0;
		m->pending_end = client->keys_seen + 1;
	} else if (m->input_once) {
		close_fd(&m->input);
	}
}

void client_input(struct monitor *m, struct client *client)
{
	char *data = m->pending + MAX_KEYS;
	long n = SYS(read, client->input, data, sizeof(m->pending) - MAX_KEYS);
	int is_detached;
	size_t length;

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		input_ended(m, client);
		return;
	}
	length = pass_keys(client, &data, (size_t)n, &is_detached);
	m->pending_at = (size_t)(data - m->pending);
	m->pending_end = m->pending_at + length;
	if (is_detached) {
		tell(client, "detached", 0);
		client_drop(client);
	}
}

static int is_waited_for(const struct monitor *m, const struct client *client, int stream)
{
	return client->socket >= 0 && client->output[stream] >= 0 && client->taken[stream] < m->streams[stream].length;
}

int clients_have_all(const struct monitor *m, int stream)
{
	for (int i = 0; i < MAX_CLIENTS; i++) {
		if (is_waited_for(m, &m->clients[i], stream))
			return 0;
	}
	return 1;
}

static long write_now(int fd, const char *data, size_t length)
{
	long n = SYS(sendto, fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);

	return n == -ENOTSOCK ? SYS(write, fd, data, length) : n;
}

void clients_give(struct monitor *m, int stream)
{
	struct stream *s = &m->streams[stream];

	for (int i = 0; i < MAX_CLIENTS; i++) {
		struct client *client = &m->clients[i];
		long n;

		if (!is_waited_for(m, client, stream))
			continue;
		n = write_now(client->output[stream], s->data + s->start + client->taken[stream],
			      s->length - client->taken[stream]);
		if (n > 0)
			client->taken[stream] += (size_t)n;
		else if (n != -EAGAIN && n != -EINTR)
			close_fd(&client->output[stream]);
	}
	if (clients_have_all(m, stream))
		s->length = 0;
}
