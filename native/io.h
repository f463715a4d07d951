/* Reading and writing, with negative errnos: io.c. */
#ifndef IO_H
#define IO_H

#include "sys.h"

int write_all(int fd, const void *data, size_t size);
/* Reads a small file whole into a terminated buffer; returns its length. */
int read_small(int dir, const char *path, char *buffer, size_t size);

#endif
