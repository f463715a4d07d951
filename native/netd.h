/*
 * `mydocker-netd`: what the networks of containers need while these run. Without libc, memory from the program's own
 * image only, one thread, one loop over poll(2).
 *
 *     mydocker-netd dns <pid file> <table> {<udp fd> <tcp fd>}...
 *     mydocker-netd proxy <pid file> {<t|u> <fd> <hexadecimal address> <port>}...
 *
 * The caller opens and binds the sockets, so that what cannot be bound is told before anything runs. When this program's
 * first process ends with status 0, the second one serves, and its pid is in the file.
 */
#ifndef NETD_H
#define NETD_H

#include "dns.h"
#include "sys.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/poll.h>

#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_NONBLOCK 04000
#define SOCK_CLOEXEC 02000000
#define SHUT_WR 1
#define SOL_SOCKET 1
#define SO_ERROR 4
#define MSG_DONTWAIT 0x40
#define MSG_NOSIGNAL 0x4000

union address {
	uint16_t family;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* netd.c */
uint64_t now_ms(void);
void fill_address(union address *to, const struct dns_address *from, unsigned int port);
uint32_t size_of(const union address *address);
int same_peer(const union address *a, const union address *b);
/* A new socket, not blocking, with a connection (or its beginning) to the address; or a negative errno. */
int connect_to(int type, const union address *to);

/* Descriptors to wait for, collected anew each time round. */
#define MAX_WAITS 1300
struct waits {
	struct pollfd entries[MAX_WAITS];
	unsigned int count;
	uint64_t deadline;	/* in ms; when something has to be looked at again */
};
/* Returns where the entry is. */
unsigned int wait_for(struct waits *waits, int fd, short events);
void wait_until(struct waits *waits, uint64_t deadline);
short events_of(const struct waits *waits, unsigned int index);

/* netd_relay.c: connections that are passed on, byte for byte. */
void relay_prepare(struct waits *waits);
void relay_act(const struct waits *waits);
/* How long the target may take to accept, and what happens to the client's connection where it does not. */
struct relay_terms {
	unsigned int timeout_ms;
	/* Takes it back, with what was to be sent first; NULL: it is closed. */
	void (*failed)(int client, const void *first, size_t size, unsigned int tag);
	unsigned int tag;
};
/*
 * Takes over the client's connection. `first` is sent to the target before anything else. 0 where there is no room or no
 * way to the target: then the connection stays the caller's.
 */
int relay_start(int client, const union address *target, const void *first, size_t size, struct relay_terms terms);
int relay_has_room(void);

/* netd_proxy.c, netd_dns.c: each takes its arguments, and then serves round after round. */
int proxy_configure(char **args);
void proxy_prepare(struct waits *waits);
void proxy_act(const struct waits *waits);
int dns_configure(char **args);
void dns_prepare(struct waits *waits);
void dns_act(const struct waits *waits);

/* Reads a number up to 65535; -1 for anything else. */
int parse_number(const char *text);

#endif
