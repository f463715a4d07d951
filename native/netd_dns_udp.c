/*
 * Queries by UDP. Each one that is passed on has a socket and an identifier of its own, so that nobody can answer who does
 * not see it (RFC 5452).
 */
#include "netd_dns.h"

#define MAX_PENDING 128

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

static struct pending pendings[MAX_PENDING];
static uint8_t reply[DNS_MESSAGE_SIZE];

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

	for (; dns_server(&dns_table, &p->client_address, p->server, &server); p->server++) {
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

void query_take(const struct listener *listener)
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
	dns_address_of(&p->client, &p->client_address);
	switch (dns_answer(&dns_table, &p->client_address, p->query, p->size, reply, DNS_UDP_SIZE, &length)) {
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

void queries_prepare(struct waits *waits)
{
	for (struct pending *p = pendings; p < pendings + MAX_PENDING; p++) {
		if (p->fd == 0)
			continue;
		p->wait = wait_for(waits, p->fd, POLLIN);
		wait_until(waits, p->deadline);
	}
}

void queries_act(const struct waits *waits)
{
	uint64_t now = now_ms();

	for (struct pending *p = pendings; p < pendings + MAX_PENDING; p++) {
		short events = p->fd == 0 ? 0 : events_of(waits, p->wait);

		if (p->fd != 0 && (events || p->deadline <= now))
			take_server_answer(p, events);
	}
}
