/*
 * Holds the published ports of a container, so that nobody else on the host takes them, and passes on what the rules of
 * the packet filter do not: connections to [::1], whose source no route leads away from, and to an IPv6 address of the
 * host where the container has none.
 */
#include "netd.h"

#define MAX_PORTS 512
#define MAX_SESSIONS 256
#define SESSION_TIMEOUT_MS 90000
#define CONNECT_TIMEOUT_MS 10000

struct port {
	int fd, is_udp;
	union address target;
	unsigned int wait;
};

/* What one client sends to one port goes through one socket, so that answers find their way back. */
struct session {
	struct port *port;	/* NULL: free */
	union address client;
	int fd;
	uint64_t deadline;
	unsigned int wait;
};

static struct port ports[MAX_PORTS];
static unsigned int port_count;
static struct session sessions[MAX_SESSIONS];
static uint8_t datagram[65536];

static int configure_port(char **args)
{
	struct port *port = &ports[port_count];
	struct dns_address address;
	int fd = parse_number(args[1]), number = parse_number(args[3]);

	if (port_count == MAX_PORTS || fd < 3 || number < 1)
		return -EINVAL;
	if (!dns_parse_address(args[2], strlen(args[2]), &address))
		return -EINVAL;
	port->fd = fd;
	port->is_udp = args[0][0] == 'u';
	fill_address(&port->target, &address, (unsigned int)number);
	port_count++;
	return (int)SYS(fcntl, fd, F_SETFL, O_NONBLOCK);
}

int proxy_configure(char **args)
{
	for (; args[0] != NULL; args += 4) {
		int err = args[1] == NULL || args[2] == NULL || args[3] == NULL ? -EINVAL : configure_port(args);

		if (err < 0)
			return err;
	}
	return 0;
}

static void end_session(struct session *s)
{
	SYS(close, s->fd);
	s->port = NULL;
}

void proxy_prepare(struct waits *waits)
{
	uint64_t now = now_ms();

	for (unsigned int i = 0; i < port_count; i++)
		ports[i].wait = wait_for(waits, ports[i].fd, ports[i].is_udp || relay_has_room() ? POLLIN : 0);
	for (struct session *s = sessions; s < sessions + MAX_SESSIONS; s++) {
		if (s->port != NULL && s->deadline <= now)
			end_session(s);
		if (s->port == NULL)
			continue;
		s->wait = wait_for(waits, s->fd, POLLIN);
		wait_until(waits, s->deadline);
	}
}

/* That of the client, or a new one; the one that was quiet for longest makes room. */
static struct session *session_of(struct port *port, const union address *client)
{
	struct session *oldest = sessions;
	int fd;

	for (struct session *s = sessions; s < sessions + MAX_SESSIONS; s++) {
		if (s->port == port && same_peer(&s->client, client))
			return s;
		if (oldest->port != NULL && (s->port == NULL || s->deadline < oldest->deadline))
			oldest = s;
	}
	fd = connect_to(SOCK_DGRAM, &port->target);
	if (fd < 0)
		return NULL;
	if (oldest->port != NULL)
		end_session(oldest);
	oldest->port = port;
	oldest->client = *client;
	oldest->fd = fd;
	/* Its entry is not among the waits of this round. */
	oldest->wait = MAX_WAITS;
	return oldest;
}

static void take_datagram(struct port *port)
{
	union address client;
	uint32_t size = sizeof(client);
	long n = SYS(recvfrom, port->fd, datagram, sizeof(datagram), MSG_DONTWAIT, &client, &size);
	struct session *s;

	if (n < 0)
		return;
	s = session_of(port, &client);
	if (s == NULL)
		return;
	s->deadline = now_ms() + SESSION_TIMEOUT_MS;
	SYS(sendto, s->fd, datagram, n, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
}

static void take_answer(struct session *s)
{
	long n = SYS(recvfrom, s->fd, datagram, sizeof(datagram), MSG_DONTWAIT, NULL, NULL);

	if (n < 0)
		return;
	s->deadline = now_ms() + SESSION_TIMEOUT_MS;
	SYS(sendto, s->port->fd, datagram, n, MSG_DONTWAIT | MSG_NOSIGNAL, &s->client, size_of(&s->client));
}

static void take_connection(struct port *port)
{
	static const struct relay_terms terms = { .timeout_ms = CONNECT_TIMEOUT_MS };
	long fd = SYS(accept4, port->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0 && !relay_start((int)fd, &port->target, "", 0, terms))
		SYS(close, fd);
}

void proxy_act(const struct waits *waits)
{
	for (struct session *s = sessions; s < sessions + MAX_SESSIONS; s++) {
		if (s->port != NULL && events_of(waits, s->wait))
			take_answer(s);
	}
	for (unsigned int i = 0; i < port_count; i++) {
		if (!events_of(waits, ports[i].wait))
			continue;
		if (ports[i].is_udp)
			take_datagram(&ports[i]);
		else
			take_connection(&ports[i]);
	}
}
