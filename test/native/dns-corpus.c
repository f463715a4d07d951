/*
 * Answers every query of a corpus file from a table, each in memory of exactly its size so that the sanitizers see a
 * read or a write beyond it. The corpus: for each query its decimal length, a newline, its bytes. Prints a line a query:
 * "i" ignored, "f" forwarded, or "a " and the reply in hexadecimal.
 *
 *     dns-corpus <corpus> <table> <client in hexadecimal> <room>
 */
#include "../../native/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *text;

	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	rewind(file);
	text = malloc(*size + 1);
	if (fread(text, 1, *size, file) != *size)
		exit(2);
	text[*size] = '\0';
	fclose(file);
	return text;
}

static void answer(const struct dns_table *table, const struct dns_address *client, const char *bytes, size_t size,
		   size_t room)
{
	uint8_t *query = malloc(size), *reply = malloc(room);
	struct dns_address server;
	size_t length = 0;
	enum dns_verdict verdict;

	memcpy(query, bytes, size);
	verdict = dns_answer(table, client, query, size, reply, room, &length);
	printf("%c", verdict == DNS_IGNORE ? 'i' : verdict == DNS_FORWARD ? 'f' : 'a');
	if (verdict == DNS_ANSWER) {
		printf(" ");
		for (size_t i = 0; i < length; i++)
			printf("%02x", reply[i]);
	}
	if (verdict == DNS_FORWARD) {
		for (unsigned int i = 0; dns_server(table, client, i, &server); i++)
			printf(" %d.%d", server.bytes[0], server.bytes[1]);
		dns_failure(query, size, DNS_SERVER_FAILURE, reply, room);
	}
	printf("\n");
	free(query);
	free(reply);
}

int main(int argc, char **argv, char **envp)
{
	struct dns_address client;
	struct dns_table table;
	size_t size, room;
	char *text, *exact, *corpus;
	const char *at, *end;

	(void)envp;
	if (argc != 5)
		return 2;
	room = strtoul(argv[4], NULL, 10);
	text = read_file(argv[2], &table.size);
	/* A table of exactly its size, without the NUL. */
	exact = memcpy(malloc(table.size), text, table.size);
	table.text = exact;
	if (!dns_parse_address(argv[3], strlen(argv[3]), &client))
		return 2;
	at = corpus = read_file(argv[1], &size);
	end = at + size;
	while (at < end) {
		char *bytes;
		size_t length = strtoul(at, &bytes, 10);

		answer(&table, &client, bytes + 1, length, room);
		at = bytes + 1 + length;
	}
	free(text);
	free(exact);
	free(corpus);
	return 0;
}
