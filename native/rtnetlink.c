/* Devices and their addresses by rtnetlink(7) and netdevice(7). */
#include "rtnetlink.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>

#define REPLY_SIZE 16384

struct request {
	struct nlmsghdr header;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
	};
	char attributes[1024];
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

int rtnl_open(void)
{
	return (int)SYS(socket, 16 /* AF_NETLINK */, 3 | 02000000 /* SOCK_RAW|SOCK_CLOEXEC */, NETLINK_ROUTE);
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

/* Asks for something of a device by its name. */
static int ask_device(const char *name, unsigned int what, struct ifreq *request)
{
	long err;
	int socket;

	if (strlen(name) >= sizeof(request->ifr_name))
		return -ENODEV;
	put_text(request->ifr_name, sizeof(request->ifr_name), 0, name);
	socket = (int)SYS(socket, 2 /* AF_INET */, 2 | 02000000 /* SOCK_DGRAM|SOCK_CLOEXEC */, 0);
	if (socket < 0)
		return socket;
	err = SYS(ioctl, socket, what, request);
	SYS(close, socket);
	return (int)err;
}

int device_index(const char *name)
{
	struct ifreq request = { 0 };
	int err = ask_device(name, SIOCGIFINDEX, &request);

	return err < 0 ? err : request.ifr_ifindex;
}

int device_is_up(const char *name)
{
	struct ifreq request = { 0 };
	int err = ask_device(name, SIOCGIFFLAGS, &request);

	return err < 0 ? err : (request.ifr_flags & IFF_UP) != 0;
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

int rtnl_read_addresses(int socket, int index, struct addresses *kept)
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

int rtnl_move(int socket, int index, int namespace, const char *name)
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

int rtnl_give_addresses(int socket, struct addresses *kept, int index)
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

int rtnl_bring_up(int socket, int index)
{
	struct request request;

	begin(&request, RTM_NEWLINK, NLM_F_ACK, sizeof(request.link));
	request.link.ifi_index = index;
	request.link.ifi_flags = IFF_UP;
	request.link.ifi_change = IFF_UP;
	return acknowledge(socket, &request, request.header.nlmsg_len);
}
