/*
 * The name server of a network: it answers for the network's containers from the table, which it reads anew where it was
 * replaced, and passes all other queries on. Each query that is passed on has a socket and an identifier of its own, so
 * that nobody can answer who does not see it (RFC 5452).
 */
#include "netd.h"

#include <linux/stat.h>

#define MAX_LISTENERS 8
#define MAX_PENDING 128
#define MAX_CONNECTIONS 64
#define TABLE_SIZE (4 << 20)
#define DNS_PORT 53
/* A server that has not answered by then gives way to the next one. */
#define SERVER_TIMEOUT_MS 2500
#define CONNECTION_TIMEOUT_MS 10000

struct listener {
	int udp, tcp;
	unsigned int udp_wait, tcp_wait;
};

/* A query that a server was asked. */
struct pending {
	int fd;			/* 0: free */
	const struct listener *from;
	union address client;
	struct dns_address client_address;
	uint8_t query[DNS_MESSAGE_SIZE];
	size_t size;
	uint8_t id[2];		/* the one that the server sees */
	unsigned int server;
	uint64_t deadline;
	unsigned int wait;
};

/* A connection whose query has not come whole yet. */
struct connection {
	int fd;			/* 0: free */
	struct dns_address client;
	uint8_t bytes[2 + DNS_MESSAGE_SIZE];
	size_t size;
	uint64_t deadline;
	unsigned int wait;
};

static struct listener listeners[MAX_LISTENERS];
static unsigned int listener_count;
static struct pending pendings[MAX_PENDING];
static struct connection connections[MAX_CONNECTIONS];

static const char *table_path;
static char table_text[TABLE_SIZE];
static struct dns_table table = { .text = table_text };
static struct statx table_read;

static uint8_t reply[DNS_MESSAGE_SIZE];

int dns_configure(char **args)
{
	table_path = *args++;
	for (; args[0] != NULL && args[1] != NULL; args += 2) {
		struct listener *listener = &listeners[listener_count++];

		if (listener_count == MAX_LISTENERS)
			return -EINVAL;
		listener->udp = parse_number(args[0]);
		listener->tcp = parse_number(args[1]);
		if (listener->udp < 3 || listener->tcp < 3)
			return -EINVAL;
		SYS(fcntl, listener->tcp, F_SETFL, O_NONBLOCK);
	}
	return args[0] == NULL ? 0 : -EINVAL;
}

/* It is replaced by rename, so a new one has another inode or time. */
static void read_table(void)
{
	struct statx now;
	size_t size = 0;
	long fd, n = 1;

	if (SYS(statx, AT_FDCWD, table_path, 0, STATX_INO | STATX_MTIME | STATX_SIZE, &now) < 0)
		return;
	if (now.stx_ino == table_read.stx_ino && now.stx_size == table_read.stx_size &&
	    now.stx_mtime.tv_sec == table_read.stx_mtime.tv_sec &&
	    now.stx_mtime.tv_nsec == table_read.stx_mtime.tv_nsec)
		return;
	fd = SYS(openat, AT_FDCWD, table_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (fd < 0)
		return;
	while (n > 0 && size < TABLE_SIZE) {
		n = SYS(read, fd, table_text + size, TABLE_SIZE - size);
		size += n > 0 ? (size_t)n : 0;
	}
	SYS(close, fd);
	table.size = size;
	table_read = now;
}

static void address_of(const union address *from, struct dns_address *to)
{
	to->size = from->family == AF_INET ? 4 : 16;
	if (to->size == 4)
		memcpy(to->bytes, &from->v4.sin_addr, 4);
	else
		memcpy(to->bytes, &from->v6.sin6_addr, 16);
}

static void answer_client(const struct pending *p, size_t length)
{
	if (length > 0)
		SYS(sendto, p->from->udp, reply, length, MSG_DONTWAIT | MSG_NOSIGNAL, &p->client, size_of(&p->client));
}

static void stop_asking(struct pending *p)
{
	if (p->fd > 0)
		SYS(close, p->fd);
	p->fd = 0;
}

/* Asks the server whose turn it is, or the next one that can be asked; tells the client when there is none. */
static void ask_server(struct pending *p)
{
	struct dns_address server;

	for (; dns_server(&table, &p->client_address, p->server, &server); p->server++) {
		union address to;
		uint8_t client_id[2];
		long sent;

		fill_address(&to, &server, DNS_PORT);
		p->fd = connect_to(SOCK_DGRAM, &to);
		if (p->fd <= 0)
			continue;
		SYS(getrandom, p->id, sizeof(p->id), 0);
		memcpy(client_id, p->query, 2);
		memcpy(p->query, p->id, 2);
		sent = SYS(sendto, p->fd, p->query, p->size, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
		memcpy(p->query, client_id, 2);
		if (sent == (long)p->size) {
			p->deadline = now_ms() + SERVER_TIMEOUT_MS;
			p->wait = MAX_WAITS;
			return;
		}
		stop_asking(p);
	}
	p->fd = 0;
	answer_client(p, dns_failure(p->query, p->size, DNS_SERVER_FAILURE, reply, DNS_UDP_SIZE));
}

static struct pending *free_pending(void)
{
	struct pending *oldest = pendings;

	for (struct pending *p = pendings; p < pendings + MAX_PENDING; p++) {
		if (p->fd == 0)
			return p;
		if (p->deadline < oldest->deadline)
			oldest = p;
	}
	stop_asking(oldest);
	return oldest;
}

static void take_query(const struct listener *listener)
{
	struct pending *p = free_pending();
	uint32_t size = sizeof(p->client);
	size_t length = 0;
	long n = SYS(recvfrom, listener->udp, p->query, sizeof(p->query), MSG_DONTWAIT, &p->client, &size);

	if (n < 0)
		return;
	p->from = listener;
	p->size = (size_t)n;
	p->server = 0;
	address_of(&p->client, &p->client_address);
	switch (dns_answer(&table, &p->client_address, p->query, p->size, reply, DNS_UDP_SIZE, &length)) {
	case DNS_ANSWER:
		answer_client(p, length);
		break;
	case DNS_FORWARD:
		ask_server(p);
		break;
	case DNS_IGNORE:
		break;
	}
}

/* Whether this is the answer to what was asked: its identifier, and the question as it was put. */
static int is_answer(const struct pending *p, size_t size)
{
	size_t end = DNS_HEADER_SIZE;

	if (size < DNS_HEADER_SIZE || memcmp(reply, p->id, 2) != 0 || (reply[2] & 0x80) == 0)
		return 0;
	/* dns_answer has checked that the question ends within the query. */
	while (p->query[end] != 0)
		end += p->query[end] + 1u;
	end += 5;
	return size >= end && memcmp(reply + DNS_HEADER_SIZE, p->query + DNS_HEADER_SIZE, end - DNS_HEADER_SIZE) == 0;
}

static void take_server_answer(struct pending *p, short events)
{
	long n = events == 0 ? -EAGAIN : SYS(recvfrom, p->fd, reply, sizeof(reply), MSG_DONTWAIT, NULL, NULL);

	if (n > 0 && is_answer(p, (size_t)n)) {
		memcpy(reply, p->query, 2);
		answer_client(p, (size_t)n);
		stop_asking(p);
	} else if ((n < 0 && n != -EAGAIN) || p->deadline <= now_ms()) {
		stop_asking(p);
		p->server++;
		ask_server(p);
	}
}

static void close_connection(struct connection *c)
{
	SYS(close, c->fd);
	c->fd = 0;
}

static void take_connection(const struct listener *listener)
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
	address_of(&peer, &c->client);
}

/* The first query decides: it is answered here, or the whole connection becomes one with a server. */
static void decide_connection(struct connection *c)
{
	struct dns_address server;
	union address to;
	size_t length = 0;
	enum dns_verdict verdict =
		dns_answer(&table, &c->client, c->bytes + 2, c->size - 2, reply + 2, sizeof(reply) - 2, &length);

	if (verdict == DNS_FORWARD && relay_has_room() && dns_server(&table, &c->client, 0, &server)) {
		fill_address(&to, &server, DNS_PORT);
		relay_start(c->fd, &to, c->bytes, c->size);
		c->fd = 0;
		return;
	}
	if (verdict == DNS_FORWARD)
		length = dns_failure(c->bytes + 2, c->size - 2, DNS_SERVER_FAILURE, reply + 2, sizeof(reply) - 2);
	if (length > 0) {
		reply[0] = (uint8_t)(length >> 8);
		reply[1] = (uint8_t)length;
		SYS(sendto, c->fd, reply, length + 2, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
	}
	close_connection(c);
}

static void read_connection(struct connection *c)
{
	size_t wanted = c->size < 2 ? 2 : 2u + (size_t)(c->bytes[0] << 8 | c->bytes[1]);
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
	if (c->size > 2 && c->size == wanted)
		decide_connection(c);
}

void dns_prepare(struct waits *waits)
{
	uint64_t now = now_ms();

	for (struct listener *l = listeners; l < listeners + listener_count; l++) {
		l->udp_wait = wait_for(waits, l->udp, POLLIN);
		l->tcp_wait = wait_for(waits, l->tcp, POLLIN);
	}
	for (struct pending *p = pendings; p < pendings + MAX_PENDING; p++) {
		if (p->fd == 0)
			continue;
		p->wait = wait_for(waits, p->fd, POLLIN);
		wait_until(waits, p->deadline);
	}
	for (struct connection *c = connections; c < connections + MAX_CONNECTIONS; c++) {
		if (c->fd != 0 && c->deadline <= now)
			close_connection(c);
		if (c->fd == 0)
			continue;
		c->wait = wait_for(waits, c->fd, POLLIN);
		wait_until(waits, c->deadline);
	}
}

void dns_act(const struct waits *waits)
{
	uint64_t now = now_ms();

	read_table();
	for (struct pending *p = pendings; p < pendings + MAX_PENDING; p++) {
		short events = p->fd == 0 ? 0 : events_of(waits, p->wait);

		if (p->fd != 0 && (events || p->deadline <= now))
			take_server_answer(p, events);
	}
	for (struct connection *c = connections; c < connections + MAX_CONNECTIONS; c++) {
		if (c->fd != 0 && events_of(waits, c->wait))
			read_connection(c);
	}
	for (const struct listener *l = listeners; l < listeners + listener_count; l++) {
		if (events_of(waits, l->udp_wait))
			take_query(l);
		if (events_of(waits, l->tcp_wait))
			take_connection(l);
	}
}
