/* The parts of the name server: what comes by UDP and what comes by TCP are separate, and share the table. */
#ifndef NETD_DNS_H
#define NETD_DNS_H

#include "netd.h"

#define DNS_PORT 53
#define MAX_LISTENERS 8
/* A server that has not answered, or taken the connection, by then gives way to the next one. */
#define SERVER_TIMEOUT_MS 2500

/* The sockets of one address. */
struct listener {
	int udp, tcp;
	unsigned int udp_wait, tcp_wait;
};

/* netd_dns.c */
extern struct dns_table dns_table;
void dns_address_of(const union address *from, struct dns_address *to);

/* netd_dns_udp.c */
void queries_prepare(struct waits *waits);
void queries_act(const struct waits *waits);
void query_take(const struct listener *listener);

/* netd_dns_tcp.c */
void connections_prepare(struct waits *waits);
void connections_act(const struct waits *waits);
void connection_take(const struct listener *listener);

#endif
