/* Joining a container that runs already: its init's namespaces and root. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/prctl.h>

/* By its start time too: another process may have got the pid of an init that ended meanwhile. */
int op_process_open(struct ctx *c, const union arg *a)
{
	uint64_t start;
	long fd = SYS(pidfd_open, a[1].number, 0);
	int err;

	if (fd < 0)
		return failed(c, "pidfd_open", NULL, fd);
	err = read_start_time((int)a[1].number, &start);
	if (err == -ENOENT || (err == 0 && start != a[2].number))
		err = -ESRCH;
	if (err < 0) {
		SYS(close, fd);
		return failed(c, "read", "/proc/PID/stat", err);
	}
	return slot_put(c, a[0].number, (int)fd);
}

int op_ns_join_process(struct ctx *c, const union arg *a)
{
	long err = SYS(setns, slot_get(c, a[0].number), a[2].number);

	return err < 0 ? failed(c, "setns", NULL, err) : 0;
}

/*
 * A process that joins a container brings descriptors of the host along: none of the container's may trace it or look
 * into its /proc/PID/fd before the execve, which ends this (CVE-2016-9962).
 */
int op_dumpable_clear(struct ctx *c, const union arg *a)
{
	long err = SYS(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);

	(void)a;
	return err < 0 ? failed(c, "prctl", "PR_SET_DUMPABLE", err) : 0;
}

int op_root_open(struct ctx *c, const union arg *a)
{
	c->root = (int)SYS(openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	(void)a;
	return c->root < 0 ? failed(c, "open", "/", c->root) : 0;
}
