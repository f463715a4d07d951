/* The lines of the table of dns.h, and the words of a line. */
#ifndef DNS_TABLE_H
#define DNS_TABLE_H

#include "dns.h"

struct dns_word {
	const char *text;
	size_t size;
};

/* The next line; 0 at the end. */
int dns_next_line(const struct dns_table *table, size_t *at, struct dns_word *line);
/* Takes the next word off a line; 0 where there is none. */
int dns_next_word(struct dns_word *line, struct dns_word *word);
int dns_word_is(const struct dns_word *word, const char *text, size_t size);
/* Takes kind, scope and address off a line; 0 where it is of another kind, or for other clients. */
int dns_open_line(struct dns_word *line, char kind, const struct dns_address *client, int *is_scoped,
		  struct dns_address *address);

#endif
