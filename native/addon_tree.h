/*
 * Trees of files that may be hostile: every path is resolved below the root's descriptor by the kernel, and no symbolic
 * link that leads out of it is followed. Names are bytes, which JavaScript holds as Latin-1 strings.
 */
#ifndef ADDON_TREE_H
#define ADDON_TREE_H

#include "addon.h"

#include <sys/stat.h>

/* What is told of a file, in this order, and in a listing where its name begins; see src/sys/tree.ts. */
enum fact { F_MODE, F_UID, F_GID, F_SIZE, F_SECONDS, F_NANOSECONDS, F_LINKS, F_INODE, F_DEVICE, F_MAJOR, F_MINOR,
	    F_BLOCKS, F_XATTRS, F_COUNT, F_NAME = F_COUNT, F_LISTED };

napi_value bytes_result(struct call *call, const char *bytes, size_t length);
/* The bytes of a Uint8Array; NULL and 0 when it is none. */
char *buffer_argument(struct call *call, size_t index, size_t *length);
const double *doubles_argument(struct call *call, size_t index, size_t *count);
napi_value doubles_result(struct call *call, const double *values, size_t count);

/* Fills F_COUNT facts of a file, not of what it links to; without the flag a regular one is told to have no attributes. */
int look_at(int directory, const char *name, int with_file_xattrs, double *facts);
/* A regular file, also when the name is another's meanwhile: a FIFO must not block, a device not be opened. */
int open_regular(int directory, const char *name);
/* Fills the buffer from the position on, up to the end of file; tells how much. */
ssize_t read_into(int fd, char *data, size_t length, off_t position);
/* openat2 below `root`: neither "..", nor an absolute path, nor a symbolic link leads out of it. */
int open_beneath(int root, const char *path, int flags);
/* The directory of `path`, made where it is missing when `make` is set; `*name` is what follows it. */
int open_parent(int root, char *path, const char **name, int make);
/* open_parent for a call's first two arguments, the root and the path, which goes into `path` of PATH_SIZE. */
int open_argument_parent(struct call *call, char *path, const char **name, int make);
/* Removes whatever has the name, a directory with all that is in it; nothing is fine. */
int remove_tree(int parent, const char *name);

#define MAX_THREADS 4
/*
 * Runs `run` with each of the tasks, MAX_THREADS at most, which are in a row and have `size` bytes: all but the first in
 * threads of their own. A thread that cannot be had is done without.
 */
void run_in_threads(void *(*run)(void *), void *tasks, size_t size, size_t count);

/* In a thread that nobody waits for; 0 where there is none to be had. */
int start_thread(void *(*run)(void *), void *argument);

#endif
