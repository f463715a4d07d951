/*
 * Moves a network device of the host into the container: with its permanent global addresses, under a new name, and up.
 * The parent does it alone: it speaks rtnetlink here, then for a moment from inside the container's namespace.
 * Source: config-linux.md#network-devices, rtnetlink(7), netdevice(7).
 */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>

#define CLONE_NEWNET 0x40000000
#define REPLY_SIZE 16384
#define ADDRESSES_SIZE 16384

struct request {
	struct nlmsghdr header;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
	};
	char attributes[1024];
};

/* The addresses of the device as requests that give them again, one after the other. */
struct addresses {
	size_t length;
	char requests[ADDRESSES_SIZE];
};

static void begin(struct request *request, uint16_t type, uint16_t flags, size_t size)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = NLM_F_REQUEST | flags;
}

static int add_attribute(struct request *request, uint16_t type, const void *data, size_t size)
{
	size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
	struct rtattr *attribute = (struct rtattr *)(void *)((char *)request + at);

	if (at + RTA_SPACE(size) > sizeof(*request))
		return -EMSGSIZE;
	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), data, size);
	request->header.nlmsg_len = (uint32_t)(at + RTA_SPACE(size));
	return 0;
}

static long open_netlink(void)
{
	return SYS(socket, 16 /* AF_NETLINK */, 3 | 02000000 /* SOCK_RAW|SOCK_CLOEXEC */, NETLINK_ROUTE);
}

/* Sends a request and returns the kernel's answer to it, 0 or a negative errno. */
static int acknowledge(int socket, const void *request, size_t size)
{
	_Alignas(struct nlmsghdr) char reply[1024];
	const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)reply;
	long n = SYS(sendto, socket, request, size, 0, NULL, 0);

	if (n >= 0)
		n = SYS(recvfrom, socket, reply, sizeof(reply), 0, NULL, NULL);
	if (n < 0)
		return (int)n;
	if ((size_t)n < NLMSG_LENGTH(sizeof(struct nlmsgerr)) || header->nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
}

/* The index of a device in the current namespace, or a negative errno. */
static int index_of(const char *name)
{
	struct ifreq request = { 0 };
	long err;
	int socket;

	if (strlen(name) >= sizeof(request.ifr_name))
		return -ENODEV;
	put_text(request.ifr_name, sizeof(request.ifr_name), 0, name);
	socket = (int)SYS(socket, 2 /* AF_INET */, 2 | 02000000 /* SOCK_DGRAM|SOCK_CLOEXEC */, 0);
	if (socket < 0)
		return socket;
	err = SYS(ioctl, socket, SIOCGIFINDEX, &request);
	SYS(close, socket);
	return err < 0 ? (int)err : request.ifr_ifindex;
}

/* An address's label is the old name of its device: the kernel gives one after the new name instead. */
static void drop_label(struct nlmsghdr *message)
{
	struct rtattr *attribute = IFA_RTA(NLMSG_DATA(message));
	unsigned int left = (unsigned int)IFA_PAYLOAD(message);

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type == IFA_LABEL)
			attribute->rta_type = IFA_UNSPEC;
	}
}

/* Keeps a permanent address of global scope as a request for the device's future index. */
static int keep_address(struct addresses *kept, const struct nlmsghdr *header, int index)
{
	const struct ifaddrmsg *address = NLMSG_DATA(header);
	struct nlmsghdr *copy = (struct nlmsghdr *)(void *)(kept->requests + kept->length);
	size_t size = NLMSG_ALIGN(header->nlmsg_len);

	if ((int)address->ifa_index != index || address->ifa_scope != RT_SCOPE_UNIVERSE ||
	    !(address->ifa_flags & IFA_F_PERMANENT))
		return 0;
	if (kept->length + size > sizeof(kept->requests))
		return -EMSGSIZE;
	memcpy(copy, header, header->nlmsg_len);
	copy->nlmsg_type = RTM_NEWADDR;
	copy->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
	copy->nlmsg_seq = copy->nlmsg_pid = 0;
	drop_label(copy);
	kept->length += size;
	return 0;
}

static int read_addresses(int socket, int index, struct addresses *kept)
{
	static _Alignas(struct nlmsghdr) char reply[REPLY_SIZE];
	struct request request;
	long n;

	begin(&request, RTM_GETADDR, NLM_F_DUMP, sizeof(request.address));
	n = SYS(sendto, socket, &request, request.header.nlmsg_len, 0, NULL, 0);
	while (n >= 0) {
		const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)reply;
		unsigned int left;

		n = SYS(recvfrom, socket, reply, sizeof(reply), 0, NULL, NULL);
		left = n < 0 ? 0 : (unsigned int)n;
		for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
			int err = 0;

			if (header->nlmsg_type == NLMSG_DONE)
				return 0;
			if (header->nlmsg_type == NLMSG_ERROR)
				return -EPROTO;
			if (header->nlmsg_type == RTM_NEWADDR)
				err = keep_address(kept, header, index);
			if (err < 0)
				return err;
		}
	}
	return (int)n;
}

static int move_device(int socket, int index, int namespace, const char *name)
{
	struct request request;
	int err;

	begin(&request, RTM_NEWLINK, NLM_F_ACK, sizeof(request.link));
	request.link.ifi_index = index;
	err = add_attribute(&request, IFLA_NET_NS_FD, &namespace, sizeof(namespace));
	if (err == 0)
		err = add_attribute(&request, IFLA_IFNAME, name, strlen(name) + 1);
	return err < 0 ? err : acknowledge(socket, &request, request.header.nlmsg_len);
}

static int give_addresses(int socket, struct addresses *kept, int index)
{
	for (size_t at = 0; at < kept->length;) {
		struct nlmsghdr *header = (struct nlmsghdr *)(void *)(kept->requests + at);
		int err;

		((struct ifaddrmsg *)NLMSG_DATA(header))->ifa_index = (uint32_t)index;
		err = acknowledge(socket, header, header->nlmsg_len);
		if (err < 0)
			return err;
		at += NLMSG_ALIGN(header->nlmsg_len);
	}
	return 0;
}

static int bring_up(int socket, int index)
{
	struct request request;

	begin(&request, RTM_NEWLINK, NLM_F_ACK, sizeof(request.link));
	request.link.ifi_index = index;
	request.link.ifi_flags = IFF_UP;
	request.link.ifi_change = IFF_UP;
	return acknowledge(socket, &request, request.header.nlmsg_len);
}

/* A name with "%d" is chosen by the kernel, which keeps the index where it can: it is asked for by name or by index. */
static int configure_inside(struct ctx *c, struct addresses *kept, const char *name, int old_index)
{
	int chosen = 0, index;
	long socket = open_netlink();
	int err;

	if (socket < 0)
		return failed(c, "socket", name, socket);
	for (const char *p = name; *p; p++)
		chosen |= *p == '%';
	index = chosen ? old_index : index_of(name);
	err = index < 0 ? index : give_addresses((int)socket, kept, index);
	if (err == 0)
		err = bring_up((int)socket, index);
	SYS(close, socket);
	return err < 0 ? failed(c, "rtnetlink", name, err) : 0;
}

static int open_namespace(int pid)
{
	char path[64];
	size_t length = put_text(path, sizeof(path), 0, "/proc/");

	length = put_number(path, sizeof(path), length, (uint64_t)pid);
	put_text(path, sizeof(path), length, "/ns/net");
	return (int)SYS(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
}

/*
 * The kernel moves a device first and renames it then: one whose new name is taken would go down with the namespace.
 * So the name is looked for before. One with "%d" is the kernel's to choose.
 */
static int check_name(struct ctx *c, int own, int inside, const char *name)
{
	long err = SYS(setns, inside, CLONE_NEWNET);
	int index;

	if (err < 0)
		return failed(c, "setns", "net", err);
	index = index_of(name);
	if (SYS(setns, own, CLONE_NEWNET) < 0)
		return failed(c, "setns", "net", -EPERM);
	return index >= 0 ? failed(c, "rtnetlink", name, -EEXIST) : 0;
}

/* From the host's namespace into the container's, and what is left to do there. */
static int move_into(struct ctx *c, int socket, int own, int inside, const union arg *a)
{
	static struct addresses kept;
	int index = index_of(a[0].string);
	long err;

	if (index < 0)
		return failed(c, "ioctl", a[0].string, index);
	err = check_name(c, own, inside, a[1].string);
	if (err < 0)
		return (int)err;
	kept.length = 0;
	err = read_addresses(socket, index, &kept);
	if (err == 0)
		err = move_device(socket, index, inside, a[1].string);
	if (err < 0)
		return failed(c, "rtnetlink", a[0].string, err);
	err = SYS(setns, inside, CLONE_NEWNET);
	if (err < 0)
		return failed(c, "setns", "net", err);
	err = configure_inside(c, &kept, a[1].string, index);
	if (SYS(setns, own, CLONE_NEWNET) < 0)
		return failed(c, "setns", "net", -EPERM);
	return (int)err;
}

int op_net_device(struct ctx *c, const union arg *a)
{
	long socket = open_netlink();
	long own = SYS(openat, AT_FDCWD, "/proc/self/ns/net", O_RDONLY | O_CLOEXEC, 0);
	int inside = open_namespace(c->pid);
	int err = socket < 0 || own < 0 || inside < 0 ? failed(c, "open", "/proc/PID/ns/net", -EACCES)
						      : move_into(c, (int)socket, (int)own, inside, a);

	if (socket >= 0)
		SYS(close, socket);
	if (own >= 0)
		SYS(close, own);
	if (inside >= 0)
		SYS(close, inside);
	return err;
}
