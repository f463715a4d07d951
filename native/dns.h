/* What a network's name server answers by itself: a function of the table and the packet, and of nothing else. */
#ifndef DNS_H
#define DNS_H

#include <stddef.h>
#include <stdint.h>

/* The most that a UDP answer without EDNS may have. Source: RFC 1035, 4.2.1. */
#define DNS_UDP_SIZE 512
/* What is taken from a client or given to it at most. */
#define DNS_MESSAGE_SIZE 4096
#define DNS_HEADER_SIZE 12

/* An IPv4 or IPv6 address; an IPv4 one has 4 bytes, also where it came in an IPv6 socket. */
struct dns_address {
	uint8_t bytes[16];
	size_t size;
};

/*
 * The table's text, as src/engine/network/dns/name-table.ts writes it, a line each; addresses are in hexadecimal, and a
 * scope is "*" or the address of the one client that the line is for:
 *
 *     n <scope> <address> <name> [<name>...]	a container; the first name is told for its address
 *     s <scope> <address>			a server to ask for all else; a client's own come instead of the others
 */
struct dns_table {
	const char *text;
	size_t size;
};

enum dns_verdict {
	DNS_IGNORE,	/* no query: nothing is answered */
	DNS_ANSWER,	/* the reply is there */
	DNS_FORWARD,	/* not about the network's names */
};

/* The reply has at most `room` bytes; a longer one is cut and marked so. */
enum dns_verdict dns_answer(const struct dns_table *table, const struct dns_address *client, const uint8_t *query,
			    size_t size, uint8_t *reply, size_t room, size_t *length);

/* A reply without answers, to a message of DNS_HEADER_SIZE at least. */
size_t dns_failure(const uint8_t *query, size_t size, unsigned int code, uint8_t *reply, size_t room);

/* The server that is asked as number `index` for a client; 0 where there are not so many. */
int dns_server(const struct dns_table *table, const struct dns_address *client, unsigned int index,
	       struct dns_address *server);

/* From hexadecimal of 4 or 16 bytes; 0 for anything else. */
int dns_parse_address(const char *text, size_t size, struct dns_address *address);

#define DNS_SERVER_FAILURE 2
#define DNS_NO_SUCH_NAME 3

#endif
