/*
 * Queries by TCP. The first one of a connection decides: it is answered here, or the whole connection becomes one with a
 * server, the next one where a server does not take it.
 */
#include "netd_dns.h"

#define MAX_CONNECTIONS 64
#define CONNECTION_TIMEOUT_MS 10000
#define LENGTH_SIZE 2

/* A connection whose query has not come whole yet. */
struct connection {
	int fd;			/* 0: free */
	struct dns_address client;
	uint8_t bytes[LENGTH_SIZE + DNS_MESSAGE_SIZE];
	size_t size;
	uint64_t deadline;
	unsigned int wait;
};

static struct connection connections[MAX_CONNECTIONS];
static uint8_t reply[LENGTH_SIZE + DNS_MESSAGE_SIZE];

static void close_connection(struct connection *c)
{
	SYS(close, c->fd);
	c->fd = 0;
}

void connection_take(const struct listener *listener)
{
	union address peer;
	uint32_t size = sizeof(peer);
	long fd = SYS(accept4, listener->tcp, &peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct connection *c = connections;

	if (fd < 0)
		return;
	while (c < connections + MAX_CONNECTIONS && c->fd != 0)
		c++;
	if (c == connections + MAX_CONNECTIONS) {
		SYS(close, fd);
		return;
	}
	c->fd = (int)fd;
	c->size = 0;
	c->deadline = now_ms() + CONNECTION_TIMEOUT_MS;
	c->wait = MAX_WAITS;
	dns_address_of(&peer, &c->client);
}

/* Ends the client's connection with the reply that is there, if its length is not 0. */
static void answer_and_close(int client, size_t length)
{
	if (length > 0) {
		reply[0] = (uint8_t)(length >> 8);
		reply[1] = (uint8_t)length;
		SYS(sendto, client, reply, length + LENGTH_SIZE, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
	}
	SYS(close, client);
}

/* Passes the client's connection on to the server of this number, or the next one that takes it. */
static void ask_server(int client, const void *message, size_t size, unsigned int server)
{
	const uint8_t *query = (const uint8_t *)message + LENGTH_SIZE;
	struct dns_address from, address;
	union address peer, to;
	uint32_t peer_size = sizeof(peer);

	if (SYS(getpeername, client, &peer, &peer_size) < 0) {
		SYS(close, client);
		return;
	}
	dns_address_of(&peer, &from);
	for (; dns_server(&dns_table, &from, server, &address); server++) {
		const struct relay_terms terms = { SERVER_TIMEOUT_MS, ask_server, server + 1 };

		fill_address(&to, &address, DNS_PORT);
		if (relay_start(client, &to, message, size, terms))
			return;
	}
	answer_and_close(client, dns_failure(query, size - LENGTH_SIZE, DNS_SERVER_FAILURE, reply + LENGTH_SIZE,
					     DNS_MESSAGE_SIZE));
}

static void decide_connection(struct connection *c)
{
	size_t length = 0;
	enum dns_verdict verdict = dns_answer(&dns_table, &c->client, c->bytes + LENGTH_SIZE, c->size - LENGTH_SIZE,
					      reply + LENGTH_SIZE, DNS_MESSAGE_SIZE, &length);

	if (verdict == DNS_FORWARD)
		ask_server(c->fd, c->bytes, c->size, 0);
	else
		answer_and_close(c->fd, length);
	c->fd = 0;
}

static void read_connection(struct connection *c)
{
	size_t wanted = c->size < LENGTH_SIZE ? LENGTH_SIZE : LENGTH_SIZE + (size_t)(c->bytes[0] << 8 | c->bytes[1]);
	long n;

	if (wanted > sizeof(c->bytes)) {
		close_connection(c);
		return;
	}
	n = SYS(recvfrom, c->fd, c->bytes + c->size, wanted - c->size, MSG_DONTWAIT, NULL, NULL);
	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		close_connection(c);
		return;
	}
	c->size += (size_t)n;
	if (c->size > LENGTH_SIZE && c->size == wanted)
		decide_connection(c);
}

void connections_prepare(struct waits *waits)
{
	uint64_t now = now_ms();

	for (struct connection *c = connections; c < connections + MAX_CONNECTIONS; c++) {
		if (c->fd != 0 && c->deadline <= now)
			close_connection(c);
		if (c->fd == 0)
			continue;
		c->wait = wait_for(waits, c->fd, POLLIN);
		wait_until(waits, c->deadline);
	}
}

void connections_act(const struct waits *waits)
{
	for (struct connection *c = connections; c < connections + MAX_CONNECTIONS; c++) {
		if (c->fd != 0 && events_of(waits, c->wait))
			read_connection(c);
	}
}
