/* Trees of mounts that are there already, as descriptors: where they are opened, sent, and given other ids. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/wait.h>

int op_tree_open(struct ctx *c, const union arg *a)
{
	unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (a[2].number ? AT_RECURSIVE : 0);
	long fd = SYS(open_tree, AT_FDCWD, a[1].string, flags);

	return fd < 0 ? failed(c, "open_tree", a[1].string, fd) : slot_put(c, a[0].number, (int)fd);
}

/* In a process of its own, which may leave the runtime's mount namespace; the tree lands in `place`, which both have open. */
static int open_in_namespace(const struct ctx *c, const char *path, unsigned int flags, int place)
{
	struct exit_info info = { 0 };
	long pid = clone_process(CLONE_FILES, NULL, -1);
	long err;

	if (pid == 0) {
		err = SYS(setns, c->pidfd, CLONE_NEWNS);
		if (err == 0)
			err = SYS(open_tree, AT_FDCWD, path, flags);
		if (err >= 0) {
			long tree = err;

			err = SYS(dup3, tree, place, O_CLOEXEC);
			SYS(close, tree);
		}
		SYS(exit_group, err < 0 ? -err : 0);
	}
	if (pid < 0)
		return (int)pid;
	err = SYS(waitid, P_PID, pid, &info, WEXITED, NULL);
	return err < 0 ? (int)err : info.code == 1 /* CLD_EXITED */ ? -info.status : -EINTR;
}

int op_tree_open_inside(struct ctx *c, const union arg *a)
{
	unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (a[2].number ? AT_RECURSIVE : 0);
	int place = (int)SYS(openat, AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0);
	int err = place < 0 ? place : open_in_namespace(c, a[1].string, flags, place);

	if (err < 0 && place >= 0)
		SYS(close, place);
	return err < 0 ? failed(c, "open_tree", a[1].string, err) : slot_put(c, a[0].number, place);
}

int op_tree_send(struct ctx *c, const union arg *a)
{
	int fd = slot_take(c, a[0].number);
	int err = send_fd(c->sync, fd, "M", 1);

	SYS(close, fd);
	/* An init that died has said why, or is about to be found dead. */
	if (err == -EPIPE || err == -ECONNRESET)
		return sync_receive(c, 'M', "mount source");
	return err < 0 ? failed(c, "sendmsg", NULL, err) : 0;
}

int op_tree_receive(struct ctx *c, const union arg *a)
{
	int fd = -1;
	int err = sync_receive_fd(c, 'M', "mount source", &fd);

	return err < 0 ? err : slot_put(c, a[0].number, fd);
}

static int map_ids(struct ctx *c, uint64_t slot, int userns, uint64_t recursive)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint32_t)userns };
	unsigned int flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
	long err = SYS(mount_setattr, slot_get(c, slot), "", flags, &attr, sizeof(attr));

	SYS(close, userns);
	return err < 0 ? failed(c, "mount_setattr", NULL, err) : 0;
}

int op_tree_idmap(struct ctx *c, const union arg *a)
{
	int userns = userns_with_mappings(c, a[1].string, a[2].string);

	return userns < 0 ? userns : map_ids(c, a[0].number, userns, a[3].number);
}

/* As a user namespace that is there already: the one that the container joins. */
int op_tree_idmap_like(struct ctx *c, const union arg *a)
{
	long userns = SYS(openat, AT_FDCWD, a[1].string, O_RDONLY | O_CLOEXEC, 0);

	return userns < 0 ? failed(c, "open", a[1].string, userns) : map_ids(c, a[0].number, (int)userns, a[2].number);
}
