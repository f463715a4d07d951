/* Messages of unix sockets, and the descriptors that come with them. Sources: unix(7), sendmsg(2), cmsg(3). */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "sys.h"

#define AF_UNIX 1
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_NONBLOCK 04000
#define SOCK_CLOEXEC 02000000
#define SOL_SOCKET 1
#define SCM_RIGHTS 1
#define MSG_DONTWAIT 0x40
#define MSG_NOSIGNAL 0x4000
#define MSG_CMSG_CLOEXEC 0x40000000
#define SUN_PATH 108
#define MAX_PASSED_FDS 3

struct sockaddr_unix {
	uint16_t family;
	char path[SUN_PATH];
};

struct iovec {
	void *base;
	size_t length;
};

/* struct msghdr. */
struct message {
	void *name;
	int name_length;
	struct iovec *iov;
	size_t iov_count;
	void *control;
	size_t control_length;
	unsigned int flags;
};

/* struct cmsghdr and the descriptors behind it; room for one more keeps the size a multiple of 8. */
struct fds_control {
	size_t length;
	int level;
	int type;
	int fds[MAX_PASSED_FDS + 1];
};

#define CONTROL_HEADER 16	/* CMSG_LEN(0) */

/* Copies the descriptors that came with a message. Returns how many. */
static inline int passed_fds(const struct message *message, const struct fds_control *control, int *fds)
{
	int count = 0;

	if (message->control_length < CONTROL_HEADER || control->level != SOL_SOCKET || control->type != SCM_RIGHTS)
		return 0;
	for (size_t at = CONTROL_HEADER; at + sizeof(int) <= control->length && count < MAX_PASSED_FDS; at += sizeof(int))
		fds[count] = control->fds[count], count++;
	return count;
}

#endif
