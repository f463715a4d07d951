/* The one place where a monitor waits: for its clients, the container's streams and the end of processes. */
#include "monitor.h"
#include "sockets.h"

#include <linux/poll.h>
#include <linux/time_types.h>

static void read_signals(struct monitor *m)
{
	char info[128];

	while (SYS(read, m->signals, info, sizeof(info)) > 0)
		;
}

enum { AT_SIGNALS, AT_LISTENER, AT_CONSOLE, AT_PIDFD, AT_HEALTH, AT_STREAMS, AT_INPUT = AT_STREAMS + STREAM_COUNT, AT_CLIENTS };

#define PER_CLIENT (2 + STREAM_COUNT)
#define ENTRY_COUNT (AT_CLIENTS + MAX_CLIENTS * PER_CLIENT)

static void fill_entries(struct monitor *m, struct pollfd *entries)
{
	int has_pending = m->pending_at < m->pending_end;

	entries[AT_SIGNALS] = (struct pollfd){ m->signals, POLLIN, 0 };
	entries[AT_LISTENER] = (struct pollfd){ m->listener, POLLIN, 0 };
	entries[AT_CONSOLE] = (struct pollfd){ m->console, POLLIN, 0 };
	entries[AT_PIDFD] = (struct pollfd){ m->is_adopted && !m->has_ended ? m->pidfd : -1, POLLIN, 0 };
	entries[AT_HEALTH] = (struct pollfd){ m->health.output, POLLIN, 0 };
	entries[AT_INPUT] = (struct pollfd){ has_pending ? m->input : -1, POLLOUT, 0 };
	for (int s = 0; s < STREAM_COUNT; s++) {
		/* What comes before the container runs is the runtime's own word for a failure, which is in its log. */
		int fd = m->streams[s].length == 0 && m->pid > 0 ? m->streams[s].fd : -1;

		entries[AT_STREAMS + s] = (struct pollfd){ fd, POLLIN, 0 };
	}
	for (int i = 0; i < MAX_CLIENTS; i++) {
		const struct client *client = &m->clients[i];
		struct pollfd *own = entries + AT_CLIENTS + i * PER_CLIENT;

		own[0] = (struct pollfd){ client->socket, POLLIN, 0 };
		own[1] = (struct pollfd){ has_pending || m->input < 0 || client->socket < 0 ? -1 : client->input, POLLIN, 0 };
		for (int s = 0; s < STREAM_COUNT; s++) {
			int is_waiting = client->socket >= 0 && client->taken[s] < m->streams[s].length;

			own[2 + s] = (struct pollfd){ is_waiting ? client->output[s] : -1, POLLOUT, 0 };
		}
	}
}

static void serve_clients(struct monitor *m, const struct pollfd *entries)
{
	for (int i = 0; i < MAX_CLIENTS; i++) {
		const struct pollfd *own = entries + AT_CLIENTS + i * PER_CLIENT;

		if (own[1].revents && m->pending_at >= m->pending_end)
			client_input(m, &m->clients[i]);
		if (own[0].revents && m->clients[i].socket == own[0].fd)
			client_message(m, &m->clients[i]);
	}
}

/* One more client, or none: the kernel says which. */
static void accept_client(struct monitor *m)
{
	long socket = SYS(accept4, m->listener, NULL, NULL, SOCK_CLOEXEC);

	if (socket >= 0)
		client_accept(m, (int)socket);
}

static void serve_streams(struct monitor *m, const struct pollfd *entries)
{
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
}

/* Waits until something happens, and does what it asks for; a negative time: without an end. */
void serve(struct monitor *m, int timeout_ms)
{
	static struct pollfd entries[ENTRY_COUNT];
	struct __kernel_timespec timeout = { timeout_ms / 1000, (timeout_ms % 1000) * 1000000L };

	fill_entries(m, entries);
	if (SYS(ppoll, entries, ENTRY_COUNT, timeout_ms < 0 ? NULL : &timeout, NULL, 8) < 0)
		return;
	/* A check's output comes before its end. */
	if (entries[AT_HEALTH].revents)
		(void)health_read(m);
	if (entries[AT_SIGNALS].revents) {
		read_signals(m);
		reap(m);
	}
	if (entries[AT_PIDFD].revents) {
		m->has_ended = 1;
		m->exit_status = adopted_status(m);
	}
	serve_streams(m, entries);
	serve_clients(m, entries);
	if (entries[AT_LISTENER].revents)
		accept_client(m);
}
