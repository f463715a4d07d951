/* The container's state: its directory, and who else is told of the container. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/stat.h>

int op_state_write(struct ctx *c, const union arg *a)
{
	char pid[24], start[24];
	const char *pieces[] = { a[1].string, pid, a[2].string, start, a[3].string };
	struct replacement file = { .path = a[0].string, .mode = 0600, .is_passing = 1 };
	size_t size = 1;
	char *text;
	int err;

	put_number(pid, sizeof(pid), 0, (uint64_t)c->pid);
	put_number(start, sizeof(start), 0, c->start_time);
	for (size_t i = 0; i < 5; i++)
		size += strlen(pieces[i]);
	text = map_memory(size);
	if (text == NULL)
		return failed(c, "mmap", NULL, -ENOMEM);
	for (size_t i = 0; i < 5; i++)
		file.size = put_text(text, size, file.size, pieces[i]);
	file.text = text;
	err = write_atomically(c, &file);
	SYS(munmap, text, size);
	return err;
}

int op_pidfile_write(struct ctx *c, const union arg *a)
{
	char pid[24];
	struct replacement file = { .path = a[0].string, .text = pid, .mode = 0644 };
	int err = journal_add(c, a[1].string);

	if (err < 0)
		return err;
	put_number(pid, sizeof(pid), 0, (uint64_t)c->pid);
	file.size = strlen(pid);
	return write_atomically(c, &file);
}

int op_pidfd_send(struct ctx *c, const union arg *a)
{
	int socket = connect_unix(c, a[0].string);
	int err;

	if (socket < 0)
		return socket;
	err = send_fd(socket, c->pidfd, "pidfd", 5);
	SYS(close, socket);
	return err < 0 ? failed(c, "sendmsg", a[0].string, err) : 0;
}

/*
 * After the container's end, `delete` may be at work on it: waits until that is done. Where the directory is gone then,
 * nothing is left to do but to hand on the exit status.
 */
int op_lock_take(struct ctx *c, const union arg *a)
{
	struct statx info;
	long err, fd = SYS(openat, AT_FDCWD, a[0].string, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	if (fd == -ENOENT)
		SYS(exit_group, c->exit_status);
	if (fd < 0)
		return failed(c, "open", a[0].string, fd);
	do {
		err = SYS(flock, fd, 2 /* LOCK_EX */);
	} while (err == -EINTR);
	if (err == 0)
		err = SYS(statx, fd, "", AT_EMPTY_PATH, STATX_NLINK, &info);
	if (err < 0)
		return failed(c, "flock", a[0].string, err);
	if (info.stx_nlink == 0)
		SYS(exit_group, c->exit_status);
	return slot_put(c, SLOT_LOCK, (int)fd);
}

/*
 * Removes what the runtime itself put into the state directory, and the directory. After a removal that failed it stays:
 * the engine goes on from the journal.
 */
int op_state_remove(struct ctx *c, const union arg *a)
{
	const char *file = a[1].list.first;
	long err;
	int directory = c->warned ? -ENOENT : (int)SYS(openat, AT_FDCWD, a[0].string, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	if (directory == -ENOENT) {
		c->removed = !c->warned;
		return 0;
	}
	if (directory < 0)
		return failed(c, "open", a[0].string, directory);
	for (uint32_t i = 0; i < a[1].list.count; i++, file = list_next(file)) {
		err = SYS(unlinkat, directory, file, 0);
		if (err < 0 && err != -ENOENT) {
			SYS(close, directory);
			return failed(c, "unlink", file, err);
		}
	}
	SYS(close, directory);
	err = SYS(unlinkat, AT_FDCWD, a[0].string, AT_REMOVEDIR);
	if (err < 0 && err != -ENOENT)
		return failed(c, "rmdir", a[0].string, err);
	c->removed = 1;
	return 0;
}
