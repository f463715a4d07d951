/* Strings without libc: text.c. */
#ifndef TEXT_H
#define TEXT_H

#include "sys.h"

/* Appends to a buffer and keeps it terminated; cuts what does not fit. Returns the new length. */
size_t put_text(char *buffer, size_t size, size_t at, const char *text);
size_t put_number(char *buffer, size_t size, size_t at, uint64_t value);
int text_equals(const char *a, const char *b);
int text_starts(const char *text, const char *prefix);
/* The digits at the start of the text; -EINVAL without any or beyond 64 bits. */
int parse_decimal(const char *text, uint64_t *out);
/* Lower-case hexadecimal to bytes; the size, or -EPROTO. */
long bytes_of_hex(const char *hex, uint8_t *bytes, size_t size);

#endif
