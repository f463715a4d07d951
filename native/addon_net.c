/*
 * Network namespaces and netlink. A network namespace belongs to a thread: what happens in another one is done by a
 * thread of its own that joins it, opens what is wanted there and ends, so that no thread of the engine ever moves. A
 * socket stays in the namespace that it was made in, so one such visit a namespace is enough. (IFLA_TARGET_NETNSID
 * would spare it for links, but addresses and routes have no such attribute for changes.)
 * Source: network_namespaces(7), setns(2), netlink(7).
 */
#define _GNU_SOURCE
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

/* Enough for any dump: the kernel fills at most 32 kB at once. */
#define REPLY_SIZE 65536

struct visit {
	const char *path;	/* the namespace to join, or where a new one is bound; NULL for the engine's own */
	const char *syscall;	/* what failed */
	int err;
	int domain, type, protocol;
	int fd;			/* the socket */
};

static void failed(struct visit *visit, const char *syscall)
{
	visit->err = errno;
	visit->syscall = syscall;
}

static int in_thread(struct visit *visit, void *(*run)(void *))
{
	sigset_t all, before;
	pthread_t thread;
	int err;

	/* The engine's handlers are for its own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&thread, NULL, run, visit);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err == 0)
		err = pthread_join(thread, NULL);
	if (err != 0) {
		visit->err = err;
		visit->syscall = "pthread_create";
	}
	errno = visit->err;
	return visit->err == 0 ? 0 : -1;
}

static void *make_and_bind(void *data)
{
	struct visit *visit = data;
	int file;

	if (unshare(CLONE_NEWNET) < 0) {
		failed(visit, "unshare");
		return NULL;
	}
	file = open(visit->path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0444);
	if (file < 0) {
		failed(visit, "open");
		return NULL;
	}
	close(file);
	if (mount("/proc/thread-self/ns/net", visit->path, NULL, MS_BIND, NULL) < 0) {
		failed(visit, "mount");
		unlink(visit->path);
	}
	return NULL;
}

/* A new network namespace that lives as long as it is bound to the path. */
napi_value addon_makeNetns(struct call *call)
{
	char path[PATH_SIZE];
	struct visit visit = { .path = path };

	if (path_argument(call, 0, path) < 0)
		return fail(call, "open", path);
	return in_thread(&visit, make_and_bind) < 0 ? fail(call, visit.syscall, path) : NULL;
}

/* Nothing is left to do where the path is gone; one that nothing is bound to is removed all the same. */
napi_value addon_removeNetns(struct call *call)
{
	char path[PATH_SIZE];

	if (path_argument(call, 0, path) < 0)
		return fail(call, "umount2", path);
	if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
		return fail(call, "umount2", path);
	if (unlink(path) < 0 && errno != ENOENT)
		return fail(call, "unlink", path);
	return NULL;
}

static void *open_socket(void *data)
{
	struct visit *visit = data;

	if (visit->path != NULL) {
		int namespace = open(visit->path, O_RDONLY | O_CLOEXEC);

		if (namespace < 0) {
			failed(visit, "open");
			return NULL;
		}
		if (setns(namespace, CLONE_NEWNET) < 0) {
			failed(visit, "setns");
			close(namespace);
			return NULL;
		}
		close(namespace);
	}
	visit->fd = socket(visit->domain, visit->type | SOCK_CLOEXEC, visit->protocol);
	if (visit->fd < 0)
		failed(visit, "socket");
	return NULL;
}

/* A netlink socket of a protocol, of the engine's own network namespace or of the one that the path names. */
napi_value addon_openNetlink(struct call *call)
{
	char path[PATH_SIZE];
	struct visit visit = {
		.domain = AF_NETLINK, .type = SOCK_RAW, .protocol = int_argument(call, 1), .fd = -1
	};
	napi_valuetype type = napi_undefined;
	int on = 1;

	napi_typeof(call->env, call->arguments[0], &type);
	if (type == napi_string) {
		if (path_argument(call, 0, path) < 0)
			return fail(call, "open", path);
		visit.path = path;
		if (in_thread(&visit, open_socket) < 0)
			return fail(call, visit.syscall, path);
	} else {
		open_socket(&visit);
		errno = visit.err;
		if (visit.fd < 0)
			return fail(call, "socket", NULL);
	}
	/* Refusals come with the kernel's own words, and without a copy of the request. */
	setsockopt(visit.fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(visit.fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return int_result(call, visit.fd);
}

/* Whether a reply ends what one request is answered with. */
static int is_last(const char *reply, size_t length)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)reply;
	unsigned int left = (unsigned int)length;

	for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
		if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
			return 1;
	}
	return 0;
}

static ssize_t receive(int fd, char *into)
{
	ssize_t n;

	do {
		/* MSG_TRUNC makes the true length known where the buffer was too small. */
		n = recv(fd, into, REPLY_SIZE, MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n > REPLY_SIZE) {
		errno = EMSGSIZE;
		return -1;
	}
	return n;
}

/* All that the kernel answers, up to the acknowledgement or the end of the dump; to be freed. */
static char *exchange(int fd, const void *request, size_t size, size_t *length)
{
	size_t room = 0;
	char *replies = NULL;

	*length = 0;
	if (send(fd, request, size, 0) < 0)
		return NULL;
	for (;;) {
		char *larger;
		ssize_t n;

		if (room - *length < REPLY_SIZE) {
			room = *length + 2 * REPLY_SIZE;
			larger = realloc(replies, room);
			if (larger == NULL)
				break;
			replies = larger;
		}
		n = receive(fd, replies + *length);
		if (n < 0)
			break;
		*length += (size_t)n;
		if (n == 0 || is_last(replies + *length - n, (size_t)n))
			return replies;
	}
	free(replies);
	return NULL;
}

/* The request is a Uint8Array with NLM_F_ACK or NLM_F_DUMP in it; the result is an ArrayBuffer. */
napi_value addon_netlinkExchange(struct call *call)
{
	napi_typedarray_type type;
	void *request = NULL, *copy = NULL;
	size_t size = 0, length;
	napi_value result = NULL;
	char *replies;

	if (napi_get_typedarray_info(call->env, call->arguments[1], &type, &size, &request, NULL, NULL) != napi_ok) {
		errno = EINVAL;
		return fail(call, "sendto", NULL);
	}
	replies = exchange(int_argument(call, 0), request, size, &length);
	if (replies == NULL)
		return fail(call, "recvfrom", NULL);
	if (napi_create_arraybuffer(call->env, length, &copy, &result) == napi_ok)
		memcpy(copy, replies, length);
	free(replies);
	return result;
}

static int set_flag(int fd, int level, int name)
{
	int on = 1;

	return setsockopt(fd, level, name, &on, sizeof(on));
}

/* Binds a socket to the address, whose 4 or 16 bytes are given; a stream socket listens. */
static int bind_to(int fd, int type, const void *address, size_t size, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int err;

	if (type == SOCK_STREAM && set_flag(fd, SOL_SOCKET, SO_REUSEADDR) < 0)
		return -1;
	if (size == sizeof(v4.sin_addr)) {
		memcpy(&v4.sin_addr, address, size);
		err = bind(fd, (const struct sockaddr *)&v4, sizeof(v4));
	} else {
		memcpy(&v6.sin6_addr, address, size);
		err = set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY) < 0 ? -1
								  : bind(fd, (const struct sockaddr *)&v6, sizeof(v6));
	}
	return err == 0 && type == SOCK_STREAM ? listen(fd, SOMAXCONN) : err;
}

/* type of socket(2), a Uint8Array of 4 or 16 bytes, port */
napi_value addon_bindPort(struct call *call)
{
	napi_typedarray_type array;
	void *address = NULL;
	size_t size = 0;
	int type = int_argument(call, 0);
	int fd;

	if (napi_get_typedarray_info(call->env, call->arguments[1], &array, &size, &address, NULL, NULL) != napi_ok ||
	    (size != sizeof(struct in_addr) && size != sizeof(struct in6_addr))) {
		errno = EINVAL;
		return fail(call, "bind", NULL);
	}
	fd = socket(size == sizeof(struct in_addr) ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(call, "socket", NULL);
	if (bind_to(fd, type, address, size, (uint16_t)int_argument(call, 2)) == 0)
		return int_result(call, fd);
	close_keeping_errno(fd);
	return fail(call, "bind", NULL);
}
