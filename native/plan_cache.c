/* Subjects and entries of kept plans: see plan_cache.h. */
#include "plan_cache.h"

#include "sys.h"

static int is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static int is_word(char byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

#define SHORTEST 12
#define LONGEST 64

/* Hexadecimal digits from here on; `kinds` gets 1 where there are digits, 2 where there are letters. */
static size_t hex_length(const char *at, const char *end, int *kinds)
{
	const char *start = at;

	for (; at < end && (is_digit(*at) || (*at >= 'a' && *at <= 'f')); at++)
		*kinds |= is_digit(*at) ? 1 : 2;
	return (size_t)(at - start);
}

/* 8-4-4-4-12. Source: RFC 9562. */
static size_t uuid_length(const char *at, const char *end)
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };
	const char *start = at;
	int kinds = 0;

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (i > 0 && (at == end || *at++ != '-'))
			return 0;
		if (hex_length(at, end, &kinds) != groups[i])
			return 0;
		at += groups[i];
	}
	return (size_t)(at - start);
}

/* "2026-01-31T12:00:00.5", up to the time's zone. Source: RFC 3339. */
static size_t time_length(const char *at, const char *end)
{
	static const char shape[] = "0000-00-00T00:00:00";
	const char *start = at;

	for (const char *wanted = shape; *wanted != '\0'; wanted++, at++) {
		if (at == end || (*wanted == '0' ? !is_digit(*at) : *at != *wanted))
			return 0;
	}
	if (at < end && *at == '.')
		for (at++; at < end && is_digit(*at);)
			at++;
	return at < end && (*at == 'Z' || *at == '+' || *at == '-') ? (size_t)(at - start) : 0;
}

/* The length of the identifier that starts here, or 0. */
static size_t identifier_length(const char *at, const char *end)
{
	int kinds = 0;
	size_t length = hex_length(at, end, &kinds);

	if (length == 4)
		return time_length(at, end);
	if (length == 8)
		length = uuid_length(at, end);
	else if (length < SHORTEST || length > LONGEST || kinds != 3)
		return 0;
	return at + length < end && is_word(at[length]) ? 0 : length;
}

static int span_equals(struct span a, struct span b)
{
	size_t length = (size_t)(a.end - a.at);

	return length == (size_t)(b.end - b.at) && memcmp(a.at, b.at, length) == 0;
}

static void add_identifier(struct out *subject, struct parameters *parameters, struct span value)
{
	size_t i = FIRST_IDENTIFIER;

	while (i < parameters->count && !span_equals(parameters->values[i], value))
		i++;
	if (i == MAX_PARAMETERS) {
		subject->full = 1;
		return;
	}
	if (i == parameters->count)
		parameters->values[parameters->count++] = value;
	out_byte(subject, MARK);
	out_number(subject, i);
	out_byte(subject, '.');
	out_number(subject, (uint64_t)(value.end - value.at));
	out_byte(subject, MARK_END);
}

static int is_control(char byte)
{
	return (unsigned char)byte < ' ';
}

/* From behind the opening quote to the closing one, or NULL. */
static const char *add_string(struct out *subject, struct parameters *parameters, const char *at, const char *end)
{
	char before = '"';

	while (at < end && *at != '"' && !is_control(*at)) {
		size_t length = is_word(before) ? 0 : identifier_length(at, end);

		if (length > 0) {
			add_identifier(subject, parameters, (struct span){ at, at + length });
			at += length;
			before = '0';
			continue;
		}
		if (*at == '\\') {
			/* An escape's letter is no identifier's. */
			if (at + 1 == end || is_control(at[1]))
				return NULL;
			out_byte(subject, *at++);
			before = '0';
		} else {
			before = *at;
		}
		out_byte(subject, *at++);
	}
	return at < end && *at == '"' ? at : NULL;
}

void subject_config(struct out *subject, struct parameters *parameters, struct span config)
{
	const char *at = config.at;

	out_byte(subject, SECTION);
	while (at < config.end && !subject->full) {
		if (is_control(*at) && *at != '\n' && *at != '\t' && *at != '\r') {
			subject->full = 1;
			return;
		}
		out_byte(subject, *at);
		if (*at++ != '"')
			continue;
		at = add_string(subject, parameters, at, config.end);
		if (at == NULL) {
			subject->full = 1;
			return;
		}
		out_byte(subject, *at++);
	}
}

/* The text up to the next NUL, which is skipped; -1 where there is none. */
static int take_text(struct span *entry, struct span *text)
{
	const char *at = entry->at;

	while (at < entry->end && *at != '\0')
		at++;
	if (at == entry->end)
		return -1;
	*text = (struct span){ entry->at, at };
	entry->at = at + 1;
	return 0;
}

int kept_read(struct span entry, struct span subject, struct kept *kept)
{
	struct span magic, own;

	if (take_text(&entry, &magic) < 0 || !span_is(magic, PLAN_MAGIC) || take_text(&entry, &own) < 0 ||
	    !span_equals(own, subject) || take_text(&entry, &kept->state) < 0)
		return 0;
	kept->image = entry;
	return 1;
}

/* A mark's number and its end; an unknown one makes the text unusable. */
static const char *fill_mark(struct out *out, const char *at, const char *end, const struct parameters *parameters)
{
	size_t number = 0;
	const char *start = at;

	while (at < end && is_digit(*at) && number < MAX_PARAMETERS)
		number = number * 10 + (size_t)(*at++ - '0');
	if (at == start || at == end || *at != MARK_END || number >= parameters->count ||
	    parameters->values[number].at == NULL) {
		out->full = 1;
		return end;
	}
	out_span(out, parameters->values[number]);
	return at + 1;
}

void kept_fill(struct out *out, struct span text, const struct parameters *parameters)
{
	const char *at = text.at;

	while (at < text.end && !out->full) {
		const char *start = at;

		while (at < text.end && *at != MARK)
			at++;
		out_span(out, (struct span){ start, at });
		if (at < text.end)
			at = fill_mark(out, at + 1, text.end, parameters);
	}
}
