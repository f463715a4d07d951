/*
 * TCP connections that are passed on: what comes from one side goes to the other, an end of sending is passed on as one,
 * and either side's failure ends both.
 */
#include "netd.h"

#define MAX_RELAYS 256
#define BUFFER_SIZE 16384

struct flow {
	uint8_t buffer[BUFFER_SIZE];
	size_t start, end;	/* what is read and not yet written */
	int ended;		/* nothing more comes */
	int passed;		/* and the other side knows */
};

struct relay {
	int in_use, connected;
	int fds[2];			/* the client, the target */
	struct flow flows[2];		/* from the client, from the target */
	unsigned int waits[2];
	uint64_t deadline;		/* of connecting */
	struct relay_terms terms;
};

static struct relay relays[MAX_RELAYS];
static unsigned int in_use;

int relay_has_room(void)
{
	return in_use < MAX_RELAYS;
}

static void finish(struct relay *r)
{
	SYS(close, r->fds[0]);
	SYS(close, r->fds[1]);
	r->in_use = 0;
	in_use--;
}

int relay_start(int client, const union address *target, const void *first, size_t size, struct relay_terms terms)
{
	struct relay *r = relays;
	int fd;

	while (r < relays + MAX_RELAYS && r->in_use)
		r++;
	fd = r == relays + MAX_RELAYS || size > BUFFER_SIZE ? -EMFILE : connect_to(SOCK_STREAM, target);
	if (fd < 0)
		return 0;
	in_use++;
	r->in_use = 1;
	r->connected = 0;
	r->fds[0] = client;
	r->fds[1] = fd;
	r->deadline = now_ms() + terms.timeout_ms;
	r->terms = terms;
	for (struct flow *flow = r->flows; flow < r->flows + 2; flow++) {
		flow->start = flow->end = 0;
		flow->ended = flow->passed = 0;
	}
	memcpy(r->flows[0].buffer, first, size);
	r->flows[0].end = size;
	return 1;
}

/* A side is read from while there is room, and written to while there is something for it. */
static short wanted(const struct relay *r, int side)
{
	const struct flow *from = &r->flows[side], *to = &r->flows[!side];
	short events = 0;

	if (!r->connected)
		return side == 1 ? POLLOUT : 0;
	if (!from->ended && from->end < BUFFER_SIZE)
		events |= POLLIN;
	if (to->start < to->end)
		events |= POLLOUT;
	return events;
}

void relay_prepare(struct waits *waits)
{
	for (struct relay *r = relays; in_use > 0 && r < relays + MAX_RELAYS; r++) {
		if (!r->in_use)
			continue;
		for (int side = 0; side < 2; side++) {
			short events = wanted(r, side);

			/* poll(2) tells of a hang-up unasked: a side that nothing is wanted of would never let it sleep. */
			r->waits[side] = wait_for(waits, r->connected && !events ? -1 : r->fds[side], events);
		}
		if (!r->connected)
			wait_until(waits, r->deadline);
	}
}

/* The target has not taken the connection. */
static void fail(struct relay *r)
{
	/* It counts as in use until the client is somebody's: what was to be sent first must not be written over. */
	if (r->terms.failed == NULL)
		SYS(close, r->fds[0]);
	else
		r->terms.failed(r->fds[0], r->flows[0].buffer, r->flows[0].end, r->terms.tag);
	SYS(close, r->fds[1]);
	r->in_use = 0;
	in_use--;
}

/* 0, or -1 where the connection has failed. */
static int fill(struct flow *flow, int fd)
{
	long n = SYS(recvfrom, fd, flow->buffer + flow->end, BUFFER_SIZE - flow->end, MSG_DONTWAIT, NULL, NULL);

	if (n < 0)
		return n == -EAGAIN || n == -EINTR ? 0 : -1;
	flow->end += (size_t)n;
	flow->ended = n == 0;
	return 0;
}

static int drain(struct flow *flow, int fd)
{
	if (flow->start < flow->end) {
		long n = SYS(sendto, fd, flow->buffer + flow->start, flow->end - flow->start,
			     MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);

		if (n < 0)
			return n == -EAGAIN || n == -EINTR ? 0 : -1;
		flow->start += (size_t)n;
	}
	if (flow->start == flow->end) {
		flow->start = flow->end = 0;
		if (flow->ended && !flow->passed) {
			SYS(shutdown, fd, SHUT_WR);
			flow->passed = 1;
		}
	}
	return 0;
}

static int check_connected(struct relay *r, short events)
{
	int err = 0;
	uint32_t size = sizeof(err);

	if (events == 0)
		return now_ms() < r->deadline ? 0 : -1;
	if (SYS(getsockopt, r->fds[1], SOL_SOCKET, SO_ERROR, &err, &size) < 0 || err != 0)
		return -1;
	r->connected = 1;
	return 0;
}

static int move_bytes(struct relay *r, const short *events)
{
	for (int side = 0; side < 2; side++) {
		struct flow *flow = &r->flows[side];

		if ((events[side] & (POLLIN | POLLHUP | POLLERR)) && !flow->ended && flow->end < BUFFER_SIZE &&
		    fill(flow, r->fds[side]) < 0)
			return -1;
		if (drain(flow, r->fds[!side]) < 0)
			return -1;
	}
	return r->flows[0].passed && r->flows[1].passed ? -1 : 0;
}

void relay_act(const struct waits *waits)
{
	for (struct relay *r = relays; in_use > 0 && r < relays + MAX_RELAYS; r++) {
		short events[2];
		int err;

		if (!r->in_use)
			continue;
		for (int side = 0; side < 2; side++)
			events[side] = events_of(waits, r->waits[side]);
		if (!r->connected && check_connected(r, events[1]) < 0) {
			fail(r);
			continue;
		}
		err = 0;
		if (r->connected && (events[0] || events[1]))
			err = move_bytes(r, events);
		/* The client has gone while the target is still being asked. */
		if (!r->connected && (events[0] & (POLLHUP | POLLERR)))
			err = -1;
		if (err < 0)
			finish(r);
	}
}
