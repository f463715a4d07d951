/* Bringing files to the disk. Source: syncfs(2). */
#define _GNU_SOURCE
#include "addon_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

/* Until it ends, another one would only wait for it. */
static atomic_int is_begun;

static void *sync_and_close(void *argument)
{
	int fd = (int)(intptr_t)argument;

	(void)syncfs(fd);
	close(fd);
	atomic_store(&is_begun, 0);
	return NULL;
}

/*
 * Begins with what is there, in a thread, so that less is left for syncFilesystem. What fails is told there: an open file is
 * told of each failure of the disk since it was opened, and this one is another.
 */
napi_value addon_beginSync(struct call *call)
{
	int fd;

	if (atomic_exchange(&is_begun, 1))
		return NULL;
	fd = openat(int_argument(call, 0), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && start_thread(sync_and_close, (void *)(intptr_t)fd))
		return NULL;
	if (fd >= 0)
		close(fd);
	atomic_store(&is_begun, 0);
	return NULL;
}

napi_value addon_syncFilesystem(struct call *call)
{
	return syncfs(int_argument(call, 0)) < 0 ? fail(call, "syncfs", NULL) : NULL;
}
