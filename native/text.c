#include "text.h"

#include <linux/errno.h>

size_t put_text(char *buffer, size_t size, size_t at, const char *text)
{
	while (*text && at + 1 < size)
		buffer[at++] = *text++;
	buffer[at] = '\0';
	return at;
}

size_t put_number(char *buffer, size_t size, size_t at, uint64_t value)
{
	char digits[21];
	size_t i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return put_text(buffer, size, at, digits + i);
}

int text_equals(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int text_starts(const char *text, const char *prefix)
{
	while (*prefix) {
		if (*text++ != *prefix++)
			return 0;
	}
	return 1;
}

int parse_decimal(const char *text, uint64_t *out)
{
	uint64_t value = 0;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return -EINVAL;
	}
	*out = value;
	return 0;
}

static uint8_t hex_digit(char digit)
{
	return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

long bytes_of_hex(const char *hex, uint8_t *bytes, size_t size)
{
	size_t n = 0;

	for (; hex[0]; hex += 2) {
		if (!hex[1] || n == size)
			return -EPROTO;
		bytes[n++] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
	}
	return (long)n;
}
