/* The mappings of user namespaces: those of the container, and those of mounts. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/sched.h>
#include <linux/wait.h>

#define SIGKILL 9

int op_idmap_write(struct ctx *c, const union arg *a)
{
	int err = 0;

	if (a[2].number)
		err = write_child_proc(c, "setgroups", "deny");
	if (err == 0)
		err = write_child_proc(c, "gid_map", a[1].string);
	if (err == 0)
		err = write_child_proc(c, "uid_map", a[0].string);
	return err;
}

/* newuidmap or newgidmap PID triples... */
int op_idmap_helper(struct ctx *c, const union arg *a)
{
	char pid[24];
	const char *item = a[1].list.first;
	uint32_t n = 0;

	put_number(pid, sizeof(pid), 0, (uint64_t)(c->intermediate > 0 ? c->intermediate : c->pid));
	c->vector[n++] = a[0].string;
	c->vector[n++] = pid;
	for (uint32_t i = 0; i < a[1].list.count; i++, item = list_next(item))
		c->vector[n++] = item;
	c->vector[n] = NULL;
	return program_run(c, a[0].string, c->envp, -1, -1, 0);
}

/* A user namespace that only carries mappings, for an id-mapped mount: it lives as long as its descriptor. */
int userns_with_mappings(struct ctx *c, const char *uid_map, const char *gid_map)
{
	struct exit_info info;
	int pidfd = -1, saved = c->pid;
	long pid = clone_process(CLONE_NEWUSER, &pidfd, -1);
	long fd = -1;
	int err;

	if (pid < 0)
		return failed(c, "clone3", NULL, pid);
	if (pid == 0) {
		for (;;)
			SYS(ppoll, NULL, 0, NULL, NULL, 0);
	}
	c->pid = (int)pid;
	err = write_child_proc(c, "gid_map", gid_map);
	if (err == 0)
		err = write_child_proc(c, "uid_map", uid_map);
	if (err == 0) {
		char path[64];
		size_t length = put_text(path, sizeof(path), 0, "/proc/");

		length = put_number(path, sizeof(path), length, (uint64_t)pid);
		put_text(path, sizeof(path), length, "/ns/user");
		fd = SYS(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
		err = fd < 0 ? failed(c, "open", "/proc/PID/ns/user", fd) : 0;
	}
	c->pid = saved;
	SYS(pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	SYS(waitid, P_PIDFD, pidfd, &info, WEXITED, NULL);
	SYS(close, pidfd);
	return err < 0 ? err : (int)fd;
}
