/* Texts under way, without libc. */
#include "out.h"

#include "sys.h"

void out_span(struct out *out, struct span piece)
{
	size_t length = (size_t)(piece.end - piece.at);

	if (length > out->size - out->length) {
		out->full = 1;
		return;
	}
	memcpy(out->text + out->length, piece.at, length);
	out->length += length;
}

void out_text(struct out *out, const char *text)
{
	out_span(out, (struct span){ text, text + strlen(text) });
}

void out_byte(struct out *out, char byte)
{
	out_span(out, (struct span){ &byte, &byte + 1 });
}

void out_number(struct out *out, uint64_t value)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	out_span(out, (struct span){ digits + i, digits + sizeof(digits) });
}
