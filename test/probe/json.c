#define _GNU_SOURCE
#include "json.h"

#include <string.h>

FILE *json_out;

/* Whether a comma goes before the next member. */
static int needs_comma;

static void put_text(const char *text, size_t length)
{
	putc('"', json_out);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte == '"' || byte == '\\')
			fprintf(json_out, "\\%c", byte);
		else if (byte < ' ')
			fprintf(json_out, "\\u%04x", byte);
		else
			putc(byte, json_out);
	}
	putc('"', json_out);
}

static void put_name(const char *name)
{
	if (needs_comma)
		putc(',', json_out);
	needs_comma = 1;
	if (name != NULL) {
		put_text(name, strlen(name));
		putc(':', json_out);
	}
}

void json_open(const char *name, char bracket)
{
	put_name(name);
	putc(bracket, json_out);
	needs_comma = 0;
}

void json_close(char bracket)
{
	putc(bracket, json_out);
	needs_comma = 1;
}

void json_string_n(const char *name, const char *text, size_t length)
{
	put_name(name);
	put_text(text, length);
}

void json_string(const char *name, const char *text)
{
	json_string_n(name, text, strlen(text));
}

void json_int(const char *name, long long value)
{
	put_name(name);
	fprintf(json_out, "%lld", value);
}

void json_bool(const char *name, int value)
{
	put_name(name);
	fputs(value ? "true" : "false", json_out);
}

void json_error(int error_number)
{
	const char *symbol = strerrorname_np(error_number);

	json_open(NULL, '{');
	json_string("error", symbol == NULL ? "unknown" : symbol);
	json_close('}');
}

void json_end_line(void)
{
	putc('\n', json_out);
	fflush(json_out);
	needs_comma = 0;
}
