/* A JSON reader without memory of its own. Source: RFC 8259. */
#include "json.h"

#include "sys.h"

static int is_space(char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

static const char *skip_space(const char *at, const char *end)
{
	while (at < end && is_space(*at))
		at++;
	return at;
}

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HAS_BELOW(word, byte) (((word) - EACH_BYTE(byte)) & ~(word) & EACH_BYTE(0x80))

/* Eight bytes at a time, as far as none of them ends a string or is anything but a part of it. */
static const char *skip_plain(const char *at, const char *end)
{
	uint64_t word;

	for (; end - at >= (long)sizeof(word); at += sizeof(word)) {
		__builtin_memcpy(&word, at, sizeof(word));
		if (HAS_BELOW(word, 0x20) | HAS_BELOW(word ^ EACH_BYTE('"'), 1) | HAS_BELOW(word ^ EACH_BYTE('\\'), 1))
			break;
	}
	return at;
}

/* Behind the closing quote, or NULL. */
static const char *skip_string(const char *at, const char *end)
{
	for (at = skip_plain(at + 1, end); at < end; at++) {
		if (*at == '"')
			return at + 1;
		if ((unsigned char)*at < ' ' || (*at == '\\' && ++at == end))
			return NULL;
	}
	return NULL;
}

/* A number, true, false or null. */
static const char *skip_word(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && (*at == '-' || *at == '+' || *at == '.' || (*at >= '0' && *at <= '9') ||
			    (*at >= 'a' && *at <= 'z') || *at == 'E'))
		at++;
	return at == start ? NULL : at;
}

static const char *skip_token(const char *at, const char *end, int *depth)
{
	switch (*at) {
	case '"':
		return skip_string(at, end);
	case '{':
	case '[':
		++*depth;
		return at + 1;
	case '}':
	case ']':
		return --*depth < 0 ? NULL : at + 1;
	case ',':
	case ':':
		return *depth == 0 ? NULL : at + 1;
	default:
		return skip_word(at, end);
	}
}

/* Behind the value that starts here, or NULL. What is inside an object or a list is looked at when it is entered. */
static const char *skip_value(const char *at, const char *end)
{
	int depth = 0;

	do {
		at = skip_space(at, end);
		at = at == end ? NULL : skip_token(at, end, &depth);
	} while (at != NULL && depth > 0);
	return at;
}

int json_enter(struct span object, struct span *inside)
{
	const char *at = skip_space(object.at, object.end), *end = object.end;

	while (end > at && is_space(end[-1]))
		end--;
	if (end - at < 2 || *at != '{' || end[-1] != '}')
		return -1;
	inside->at = skip_space(at + 1, end - 1);
	inside->end = end - 1;
	return 0;
}

int json_next(struct span *inside, struct span *key, struct span *value)
{
	const char *at = inside->at, *end = inside->end;

	if (at == end)
		return 0;
	key->at = at + 1;
	at = *at == '"' ? skip_string(at, end) : NULL;
	if (at == NULL)
		return -1;
	key->end = at - 1;
	at = skip_space(at, end);
	if (at == end || *at != ':')
		return -1;
	value->at = skip_space(at + 1, end);
	value->end = skip_value(value->at, end);
	if (value->end == NULL)
		return -1;
	at = skip_space(value->end, end);
	if (at < end && *at == ',') {
		at = skip_space(at + 1, end);
		if (at == end)
			return -1;
	} else if (at < end) {
		return -1;
	}
	inside->at = at;
	return 1;
}

int json_member(struct span object, const char *name, struct span *value)
{
	struct span inside, key, each;
	int more;

	value->at = value->end = NULL;
	if (json_enter(object, &inside) < 0)
		return -1;
	while ((more = json_next(&inside, &key, &each)) > 0) {
		if (span_is(key, name))
			*value = each;
	}
	return more;
}

int span_is(struct span span, const char *text)
{
	while (span.at < span.end && *text != '\0' && *span.at == *text) {
		span.at++;
		text++;
	}
	return span.at == span.end && *text == '\0';
}

int json_is_text(struct span value)
{
	return value.at != NULL && *value.at == '"';
}

int json_plain(struct span value, char *buffer, size_t size)
{
	size_t length;

	if (!json_is_text(value))
		return -1;
	length = (size_t)(value.end - value.at) - 2;
	if (length + 1 > size)
		return -1;
	for (size_t i = 0; i < length; i++) {
		buffer[i] = value.at[i + 1];
		if (buffer[i] == '\\')
			return -1;
	}
	buffer[length] = '\0';
	return 0;
}

int json_count(struct span value, uint64_t *count)
{
	*count = 0;
	if (value.at == NULL || value.end - value.at > 16 || (*value.at == '0' && value.end - value.at > 1))
		return -1;
	for (const char *at = value.at; at < value.end; at++) {
		if (*at < '0' || *at > '9')
			return -1;
		*count = *count * 10 + (uint64_t)(*at - '0');
	}
	return *count < UINT64_C(1) << 53 ? 0 : -1;
}
