/* Descriptors: pipes, sockets, reading, writing, waiting. */
#define _GNU_SOURCE
#include "addon.h"
#include "addon_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

void close_keeping_errno(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
}

int write_all(int fd, const char *text, size_t length)
{
	do {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			text += n;
			length -= (size_t)n;
		}
	} while (length > 0);
	return 0;
}

/* Most files that are read are smaller, and a page that is not touched costs nothing. */
#define FIRST_SIZE 16384

/* Everything up to the end of file, to be freed; NULL with EFBIG when it is more than `max` bytes. */
char *read_all(int fd, size_t max, size_t *length)
{
	size_t size = FIRST_SIZE;
	char *text = malloc(size);

	*length = 0;
	while (text != NULL) {
		ssize_t n = read(fd, text + *length, size - *length);
		char *larger;

		if (n == 0)
			return text;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		*length += (size_t)n;
		if (*length > max) {
			errno = EFBIG;
			break;
		}
		if (*length < size)
			continue;
		size *= 4;
		larger = realloc(text, size);
		if (larger == NULL)
			break;
		text = larger;
	}
	free(text);
	return NULL;
}

napi_value addon_close(struct call *call)
{
	return close(int_argument(call, 0)) < 0 && errno != EINTR ? fail(call, "close", NULL) : NULL;
}

napi_value addon_pipe(struct call *call)
{
	int ends[2];

	return pipe2(ends, O_CLOEXEC) < 0 ? fail(call, "pipe2", NULL) : ints_result(call, ends, 2);
}

napi_value addon_socketPair(struct call *call)
{
	int ends[2];

	if (socketpair(AF_UNIX, int_argument(call, 0) | SOCK_CLOEXEC, 0, ends) < 0)
		return fail(call, "socketpair", NULL);
	return ints_result(call, ends, 2);
}

/* An address holds 107 bytes of path; a longer one goes through the descriptor of the socket file. */
static int connect_to(int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int file = -1;
	int result;

	if (strlen(path) < sizeof(address.sun_path)) {
		memcpy(address.sun_path, path, strlen(path));
	} else {
		file = open(path, O_PATH | O_CLOEXEC);
		if (file < 0)
			return -1;
		snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", file);
	}
	do {
		result = connect(fd, (const struct sockaddr *)&address, sizeof(address));
	} while (result < 0 && errno == EINTR);
	if (file >= 0)
		close_keeping_errno(file);
	return result;
}

napi_value addon_connectUnix(struct call *call)
{
	char path[PATH_SIZE];
	int fd;

	if (path_argument(call, 0, path) < 0)
		return fail(call, "connect", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(call, "socket", path);
	if (connect_to(fd, path) == 0)
		return int_result(call, fd);
	close_keeping_errno(fd);
	return fail(call, "connect", path);
}

/* By the directory's descriptor, because an address holds 107 bytes of path. */
static int bind_in(int directory, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int length = snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", directory, name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	errno = ENAMETOOLONG;
	if ((size_t)length < sizeof(address.sun_path) && (unlinkat(directory, name, 0) == 0 || errno == ENOENT) &&
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 && fchmodat(directory, name, 0777, 0) == 0)
		return fd;
	close_keeping_errno(fd);
	return -1;
}

napi_value addon_bindDatagrams(struct call *call)
{
	char path[PATH_SIZE], name[PATH_SIZE];
	int directory, fd;

	if (path_argument(call, 0, path) < 0 || path_argument(call, 1, name) < 0)
		return fail(call, "bind", path);
	directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return fail(call, "open", path);
	fd = bind_in(directory, name);
	close_keeping_errno(directory);
	return fd < 0 ? fail(call, "bind", path) : int_result(call, fd);
}

/* What is there now, waiting for it if need be; to be freed. */
static char *read_once(int fd, size_t max, size_t *length)
{
	char *text = malloc(max);
	ssize_t n;

	if (text == NULL)
		return NULL;
	do {
		n = read(fd, text, max);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		free(text);
		return NULL;
	}
	*length = (size_t)n;
	return text;
}

/* What one read gives ("" at the end of file), or everything up to the end of file. */
napi_value addon_readFd(struct call *call)
{
	int fd = int_argument(call, 0);
	size_t max = (size_t)long_argument(call, 1);
	napi_value result;
	size_t length;
	char *text = bool_argument(call, 2) ? read_all(fd, max, &length) : read_once(fd, max, &length);

	if (text == NULL)
		return fail(call, "read", NULL);
	result = text_result(call, text, length);
	free(text);
	return result;
}

napi_value addon_writeFd(struct call *call)
{
	size_t length;
	char *text = text_argument(call, 1, &length);
	int result = text == NULL ? -1 : write_all(int_argument(call, 0), text, length);

	free(text);
	return result < 0 ? fail(call, "write", NULL) : NULL;
}

napi_value addon_eventFd(struct call *call)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	return fd < 0 ? fail(call, "eventfd", NULL) : int_result(call, fd);
}

/* The events of each descriptor, in order; an empty wait is an array of zeros. EINTR ends it early, like a time-out. */
napi_value addon_poll(struct call *call)
{
	struct pollfd waits[64];
	int events[64];
	size_t count;
	const int32_t *pairs = ints_argument(call, 0, &count);

	count /= 2;
	if (count > 64) {
		errno = EINVAL;
		return fail(call, "poll", NULL);
	}
	for (size_t i = 0; i < count; i++)
		waits[i] = (struct pollfd){ .fd = pairs[2 * i], .events = (short)pairs[2 * i + 1] };
	if (poll(waits, count, int_argument(call, 1)) < 0) {
		if (errno != EINTR)
			return fail(call, "poll", NULL);
		for (size_t i = 0; i < count; i++)
			waits[i].revents = 0;
	}
	for (size_t i = 0; i < count; i++)
		events[i] = waits[i].revents;
	return ints_result(call, events, (uint32_t)count);
}

#define MAX_SENT 8

/* A text with descriptors; the receiver gets copies of them. */
napi_value addon_sendFds(struct call *call)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(MAX_SENT * sizeof(int))];
	} control = { .room = "" };
	size_t length, count;
	char *text = text_argument(call, 1, &length);
	const int32_t *fds = ints_argument(call, 2, &count);
	struct iovec iov = { text, length };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (text == NULL || count > MAX_SENT) {
		free(text);
		errno = EINVAL;
		return fail(call, "sendmsg", NULL);
	}
	if (count > 0) {
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header = (struct cmsghdr){ CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	}
	do {
		n = sendmsg(int_argument(call, 0), &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	free(text);
	return n < 0 ? fail(call, "sendmsg", NULL) : NULL;
}

/* Undefined for what is no terminal. */
napi_value addon_terminalMode(struct call *call)
{
	napi_value result = NULL;
	struct termios mode;
	void *bytes = NULL;

	if (tcgetattr(int_argument(call, 0), &mode) < 0)
		return NULL;
	if (napi_create_arraybuffer(call->env, sizeof(mode), &bytes, &result) != napi_ok)
		return fail(call, "tcgetattr", NULL);
	memcpy(bytes, &mode, sizeof(mode));
	return result;
}

napi_value addon_setTerminalMode(struct call *call)
{
	struct termios mode;
	size_t length;
	const char *bytes = buffer_argument(call, 1, &length);

	errno = EINVAL;
	if (length != sizeof(mode))
		return fail(call, "tcsetattr", NULL);
	memcpy(&mode, bytes, sizeof(mode));
	return tcsetattr(int_argument(call, 0), TCSANOW, &mode) < 0 ? fail(call, "tcsetattr", NULL) : NULL;
}
