/* Reading and writing, with negative errnos: io.c. */
#ifndef IO_H
#define IO_H

#include "sys.h"

int write_all(int fd, const void *data, size_t size);
/* Reads a small file whole into a terminated buffer; returns its length. */
int read_small(int dir, const char *path, char *buffer, size_t size);

struct replacement {
	const char *path;
	const char *text;
	size_t size;
	uint32_t mode;
	int is_durable;		/* on disk before it is seen */
	int is_passing;		/* replaces a file, and may be removed itself in a moment: see put_in_place */
};
/*
 * Writes a temporary file in the same directory, then renames it: a reader sees the old or the new one, whole. 0, or a
 * negative errno and the name of the call that failed.
 */
int replace_file(const struct replacement *file, const char *temporary, const char **call);

#endif
