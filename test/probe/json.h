/* Writes JSON, one value a line, to a stream: comma placement is done here. */
#ifndef JSON_H
#define JSON_H

#include <stdio.h>

extern FILE *json_out;

/* A name of NULL is for members of a list and for the line's own value. */
void json_open(const char *name, char bracket);
void json_close(char bracket);
void json_string(const char *name, const char *text);
void json_string_n(const char *name, const char *text, size_t length);
void json_int(const char *name, long long value);
void json_bool(const char *name, int value);
/* {"error":"ENOENT"} */
void json_error(int error_number);
void json_end_line(void);

#endif
