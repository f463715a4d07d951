/* Files, sockets and passed descriptors: what several ops need. */
#include "ctx.h"
#include "sockets.h"

#include <linux/fcntl.h>
#include <linux/stat.h>

/* One write(2) to an existing file: what cgroup and proc files want. */
int write_path(struct ctx *c, const char *path, const char *text, size_t size)
{
	long fd = SYS(openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
	long n;

	if (fd < 0)
		return failed(c, "open", path, fd);
	do {
		n = SYS(write, fd, text, size);
	} while (n == -EINTR);
	SYS(close, fd);
	return n < 0 ? failed(c, "write", path, n) : 0;
}

/*
 * Temporary file in the same directory, then rename. No fsync: what is written tells of processes, and none of them
 * outlives a power cut.
 */
int write_atomically(struct ctx *c, const struct replacement *file)
{
	const char *path = file->path;
	char temporary[PATH_SIZE];
	size_t slash = 0, length;
	const char *call;
	int err;

	for (size_t i = 0; path[i]; i++) {
		if (path[i] == '/')
			slash = i + 1;
	}
	length = put_text(temporary, slash + 1 < sizeof(temporary) ? slash + 1 : sizeof(temporary), 0, path);
	length = put_text(temporary, sizeof(temporary), length, ".");
	length = put_text(temporary, sizeof(temporary), length, path + slash);
	length = put_text(temporary, sizeof(temporary), length, ".");
	length = put_number(temporary, sizeof(temporary), length, (uint64_t)SYS(getpid));
	if (length + 1 >= sizeof(temporary))
		return failed(c, "open", path, -ENAMETOOLONG);
	err = replace_file(file, temporary, &call);
	return err < 0 ? failed(c, call, path, err) : 0;
}

/* A file in memory with the pieces one after the other, read from its start. */
int memfd_of(const char *name, const char *const *pieces, size_t count)
{
	long fd = SYS(memfd_create, name, 1 /* MFD_CLOEXEC */);

	if (fd < 0)
		return (int)fd;
	for (size_t i = 0; i < count; i++) {
		int err = write_all((int)fd, pieces[i], strlen(pieces[i]));

		if (err < 0) {
			SYS(close, fd);
			return err;
		}
	}
	SYS(lseek, fd, 0, 0);
	return (int)fd;
}

/* The undo of a step is on disk before the step runs: one line, one write. */
int journal_add(struct ctx *c, const char *line)
{
	char buffer[PATH_SIZE * 2];
	size_t length;

	if (c->journal < 0 || *line == '\0')
		return 0;
	length = put_text(buffer, sizeof(buffer), 0, line);
	length = put_text(buffer, sizeof(buffer), length, "\n");
	if (buffer[length - 1] != '\n')
		return failed(c, "write", "journal", -ENAMETOOLONG);
	int err = write_all(c->journal, buffer, length);

	return err < 0 ? failed(c, "write", "journal", err) : 0;
}

/* A socket address holds 107 bytes of path: a longer one goes through the directory's descriptor. */
static int unix_address(struct sockaddr_unix *address, const char *path, int *directory)
{
	char parent[PATH_SIZE];
	size_t slash = 0, length;

	*directory = -1;
	address->family = AF_UNIX;
	if (strlen(path) < SUN_PATH) {
		put_text(address->path, sizeof(address->path), 0, path);
		return 0;
	}
	for (size_t i = 0; path[i]; i++) {
		if (path[i] == '/')
			slash = i;
	}
	if (slash + 1 >= sizeof(parent))
		return -ENAMETOOLONG;
	put_text(parent, slash + 1, 0, path);
	*directory = (int)SYS(openat, AT_FDCWD, parent, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (*directory < 0)
		return *directory;
	length = put_text(address->path, sizeof(address->path), 0, "/proc/self/fd/");
	length = put_number(address->path, sizeof(address->path), length, (uint64_t)*directory);
	length = put_text(address->path, sizeof(address->path), length, path + slash);
	return length + 1 < sizeof(address->path) ? 0 : -ENAMETOOLONG;
}

/* A name that begins with "@" is one of no file: in the address, a NUL is in its place. Source: unix(7), systemd.exec(5). */
static int address_size(struct sockaddr_unix *address)
{
	size_t length = strlen(address->path);

	if (address->path[0] != '@')
		return (int)(sizeof(address->family) + length + 1);
	address->path[0] = '\0';
	return (int)(sizeof(address->family) + length);
}

static int with_unix_address(struct ctx *c, const char *path, int type, int binding)
{
	struct sockaddr_unix address;
	int directory;
	long err = unix_address(&address, path, &directory);
	long fd;

	if (err < 0)
		return failed(c, "open", path, err);
	fd = SYS(socket, AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		int size = address_size(&address);

		err = binding ? SYS(bind, fd, &address, size) : SYS(connect, fd, &address, size);
	} else {
		err = fd;
	}
	if (directory >= 0)
		SYS(close, directory);
	if (err < 0) {
		if (fd >= 0)
			SYS(close, fd);
		return failed(c, binding ? "bind" : "connect", path, err);
	}
	return (int)fd;
}

int connect_unix(struct ctx *c, const char *path)
{
	return with_unix_address(c, path, SOCK_STREAM, 0);
}

int connect_datagrams(struct ctx *c, const char *path)
{
	return with_unix_address(c, path, SOCK_DGRAM, 0);
}

int bind_datagrams(struct ctx *c, const char *path)
{
	return with_unix_address(c, path, SOCK_DGRAM, 1);
}

int op_start_listen(struct ctx *c, const union arg *a)
{
	int fd = with_unix_address(c, a[0].string, SOCK_STREAM, 1);
	long err = fd < 0 ? fd : SYS(listen, fd, 1);

	if (err < 0) {
		if (fd >= 0)
			SYS(close, fd);
		return fd < 0 ? fd : failed(c, "listen", a[0].string, err);
	}
	return slot_put(c, a[1].number, fd);
}

int send_fd(int socket, int fd, const char *data, size_t size)
{
	struct iovec iov = { (void *)(uintptr_t)data, size };
	struct fds_control control = { CONTROL_HEADER + sizeof(int), SOL_SOCKET, SCM_RIGHTS, { fd } };
	struct message message = { NULL, 0, &iov, 1, &control, CONTROL_HEADER + sizeof(size_t), 0 };
	long n;

	do {
		n = SYS(sendmsg, socket, &message, MSG_NOSIGNAL);
	} while (n == -EINTR);
	return n < 0 ? (int)n : 0;
}

/* Receives one message and the descriptor that came with it (-1 without one). Returns the message's length. */
int receive_fd(int socket, char *data, size_t size, int *fd)
{
	struct iovec iov = { data, size };
	struct fds_control control = { 0 };
	int fds[MAX_PASSED_FDS], count;
	struct message message = { NULL, 0, &iov, 1, &control, sizeof(control), 0 };
	long n;

	do {
		n = SYS(recvmsg, socket, &message, MSG_CMSG_CLOEXEC);
	} while (n == -EINTR);
	count = n < 0 ? 0 : passed_fds(&message, &control, fds);
	*fd = count > 0 ? fds[0] : -1;
	while (count > 1)
		SYS(close, fds[--count]);
	return (int)n;
}
