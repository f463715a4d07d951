/*
 * Namespaces that `mydocker` works in, see enter.c. Single thread, no malloc.
 */
#ifndef ENTER_H
#define ENTER_H

#include "sys.h"

#define MAX_MAPS 2
#define MAX_MAP_WORDS 64	/* the program, the pid, and three for each range of ids */

struct enter {
	char *const *envp;
	const char *holder_file;	/* who holds the user namespace: "PID START-TIME" */
	char *maps[MAX_MAPS][MAX_MAP_WORDS + 1];	/* argument vectors of newuidmap and newgidmap; the second is the pid */
	int map_count;
	const char *failed_step;
};

/* enter_user.c: joins the user and mount namespace of the holder, or makes both and a holder. 0 or -errno. */
int enter_user(struct enter *e);

#endif
