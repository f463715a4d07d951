/* Reads the table of a network's names: see dns.h. */
#include "dns_table.h"

#include "sys.h"

int dns_next_line(const struct dns_table *table, size_t *at, struct dns_word *line)
{
	if (*at >= table->size)
		return 0;
	line->text = table->text + *at;
	line->size = 0;
	while (*at + line->size < table->size && line->text[line->size] != '\n')
		line->size++;
	*at += line->size + 1;
	return 1;
}

int dns_next_word(struct dns_word *line, struct dns_word *word)
{
	while (line->size > 0 && *line->text == ' ') {
		line->text++;
		line->size--;
	}
	word->text = line->text;
	word->size = 0;
	while (word->size < line->size && word->text[word->size] != ' ')
		word->size++;
	line->text += word->size;
	line->size -= word->size;
	return word->size > 0;
}

int dns_word_is(const struct dns_word *word, const char *text, size_t size)
{
	return word->size == size && memcmp(word->text, text, size) == 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int dns_parse_address(const char *text, size_t size, struct dns_address *address)
{
	if (size != 8 && size != 32)
		return 0;
	address->size = size / 2;
	for (size_t i = 0; i < address->size; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return 0;
		address->bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 1;
}

static int same_address(const struct dns_address *a, const struct dns_address *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

int dns_open_line(struct dns_word *line, char kind, const struct dns_address *client, int *is_scoped,
		     struct dns_address *address)
{
	struct dns_address scope;
	struct dns_word word;

	if (!dns_next_word(line, &word) || !dns_word_is(&word, &kind, 1) || !dns_next_word(line, &word))
		return 0;
	*is_scoped = !dns_word_is(&word, "*", 1);
	if (*is_scoped && (!dns_parse_address(word.text, word.size, &scope) || !same_address(&scope, client)))
		return 0;
	return dns_next_word(line, &word) && dns_parse_address(word.text, word.size, address);
}

int dns_server(const struct dns_table *table, const struct dns_address *client, unsigned int index,
	       struct dns_address *server)
{
	struct dns_address address;
	struct dns_word line;
	int has_own = 0, is_scoped;

	for (size_t at = 0; dns_next_line(table, &at, &line);) {
		if (dns_open_line(&line, 's', client, &is_scoped, &address) && is_scoped)
			has_own = 1;
	}
	for (size_t at = 0; dns_next_line(table, &at, &line);) {
		if (!dns_open_line(&line, 's', client, &is_scoped, &address) || is_scoped != has_own)
			continue;
		if (index-- == 0) {
			*server = address;
			return 1;
		}
	}
	return 0;
}
