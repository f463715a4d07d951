/* Reads the JSON that this project has written itself: state.json, the stored config, the journal. Nothing is copied. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

/* A part of the text, from `at` to before `end`; both NULL for what is not there. */
struct span {
	const char *at, *end;
};

/*
 * What is between the braces of an object, for json_next; -1 when the text does not begin and end as one. Whether all of it is
 * one shows when json_next has taken the last member.
 */
int json_enter(struct span object, struct span *inside);

/* Takes the next member: 1, 0 behind the last one, or -1. The key comes without its quotes. */
int json_next(struct span *inside, struct span *key, struct span *value);

/* The member of an object; its `at` is NULL when there is none. -1 when it is no object. */
int json_member(struct span object, const char *name, struct span *value);

int span_is(struct span span, const char *text);
int json_is_text(struct span value);
/* Copies a string that holds no escapes, with a NUL; -1 for every other value. */
int json_plain(struct span value, char *buffer, size_t size);
/* A whole number from 0 to 2^53 - 1, which is as far as JavaScript counts; -1 for every other value. */
int json_count(struct span value, uint64_t *count);

#endif
