/* rtnetlink(7) for network devices, in the network namespace of the calling thread. All return 0 or a negative errno. */
#ifndef RTNETLINK_H
#define RTNETLINK_H

#include "ctx.h"

#include <linux/if.h>

/* The addresses of a device as requests that give them again, one after the other. */
struct addresses {
	size_t length;
	char requests[16384];
};

/* A descriptor, or a negative errno. */
int rtnl_open(void);

/* The permanent addresses of global scope of a device. */
int rtnl_read_addresses(int socket, int index, struct addresses *kept);
int rtnl_give_addresses(int socket, struct addresses *kept, int index);

/* To the namespace of a descriptor, under a name. */
int rtnl_move(int socket, int index, int namespace, const char *name);
int rtnl_bring_up(int socket, int index);

/* netdevice(7): an index (positive), or whether a device is up. */
int device_index(const char *name);
int device_is_up(const char *name);

#endif
