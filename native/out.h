/* Writes a text into memory of a given size. */
#ifndef OUT_H
#define OUT_H

#include "json.h"

/* A text under way; `full` when something did not fit, or must not be in it. */
struct out {
	char *text;
	size_t size, length;
	int full;
};

void out_span(struct out *out, struct span piece);
void out_text(struct out *out, const char *text);
void out_byte(struct out *out, char byte);
void out_number(struct out *out, uint64_t value);

#endif
