/*
 * The name server of a network: it answers for the network's containers from the table, which it reads anew where it was
 * replaced, and passes all other queries on: see netd_dns_udp.c and netd_dns_tcp.c.
 */
#include "netd_dns.h"

#include <linux/stat.h>

#define TABLE_SIZE (4 << 20)

static struct listener listeners[MAX_LISTENERS];
static unsigned int listener_count;

static const char *table_path;
static char table_text[TABLE_SIZE];
static struct statx table_read;

struct dns_table dns_table = { .text = table_text };

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
	dns_table.size = size;
	table_read = now;
}

void dns_address_of(const union address *from, struct dns_address *to)
{
	to->size = from->family == AF_INET ? 4 : 16;
	if (to->size == 4)
		memcpy(to->bytes, &from->v4.sin_addr, 4);
	else
		memcpy(to->bytes, &from->v6.sin6_addr, 16);
}

void dns_prepare(struct waits *waits)
{
	for (struct listener *l = listeners; l < listeners + listener_count; l++) {
		l->udp_wait = wait_for(waits, l->udp, POLLIN);
		l->tcp_wait = wait_for(waits, l->tcp, POLLIN);
	}
	queries_prepare(waits);
	connections_prepare(waits);
}

void dns_act(const struct waits *waits)
{
	read_table();
	queries_act(waits);
	connections_act(waits);
	for (const struct listener *l = listeners; l < listeners + listener_count; l++) {
		if (events_of(waits, l->udp_wait))
			query_take(l);
		if (events_of(waits, l->tcp_wait))
			connection_take(l);
	}
}
