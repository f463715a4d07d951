/*
 * Moves a network device of the host into the container: with its permanent global addresses, under a new name, and up.
 * The parent does it alone: it speaks rtnetlink here, then for a moment from inside the container's namespace. What it
 * has moved it takes back where a later step fails before the container's command runs.
 * Source: config-linux.md#network-devices, runtime.md#errors.
 */
#include "rtnetlink.h"

#include <linux/fcntl.h>

#define CLONE_NEWNET 0x40000000

/* A device of the host in the container. */
struct moved {
	struct moved *before;
	int namespace;	/* the container's, which may end before the device is taken back */
	int index;	/* of the device in there */
	int was_up;
	char name[IFNAMSIZ];	/* on the host */
};

static struct addresses kept;

static int open_own(void)
{
	return (int)SYS(openat, AT_FDCWD, "/proc/self/ns/net", O_RDONLY | O_CLOEXEC, 0);
}

static int open_namespace(int pid)
{
	char path[64];
	size_t length = put_text(path, sizeof(path), 0, "/proc/");

	length = put_number(path, sizeof(path), length, (uint64_t)pid);
	put_text(path, sizeof(path), length, "/ns/net");
	return (int)SYS(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
}

/* The first name of a template ("eth%d") that is free in the current namespace; other names stay as they are. */
static void complete_name(const char *template, char *name)
{
	size_t at = 0;

	while (template[at] && !(template[at] == '%' && template[at + 1] == 'd'))
		at++;
	put_text(name, IFNAMSIZ, 0, template);
	for (uint64_t n = 0; template[at] && at < IFNAMSIZ && (n == 0 || device_index(name) >= 0); n++) {
		size_t end = put_number(name, IFNAMSIZ, at, n);

		put_text(name, IFNAMSIZ, end, template + at + 2);
	}
}

/*
 * The kernel moves a device first and renames it then: one whose new name is taken would go down with the namespace.
 * So the name is looked for before.
 */
static int choose_name(struct ctx *c, int own, int inside, const char *template, char *name)
{
	long err = SYS(setns, inside, CLONE_NEWNET);
	int index;

	if (err < 0)
		return failed(c, "setns", "net", err);
	complete_name(template, name);
	index = device_index(name);
	if (SYS(setns, own, CLONE_NEWNET) < 0)
		return failed(c, "setns", "net", -EPERM);
	return index >= 0 ? failed(c, "rtnetlink", template, -EEXIST) : 0;
}

/* In the namespace that a device has come to: its addresses again, and up where it is to be. */
static int configure(int index, int up)
{
	int socket = rtnl_open();
	int err = socket < 0 ? socket : rtnl_give_addresses(socket, &kept, index);

	if (err == 0 && up)
		err = rtnl_bring_up(socket, index);
	if (socket >= 0)
		SYS(close, socket);
	return err;
}

/* From the current namespace into another; the addresses stay in `kept`. */
static int transfer(int index, int namespace, const char *name)
{
	int socket = rtnl_open();
	int err;

	kept.length = 0;
	err = socket < 0 ? socket : rtnl_read_addresses(socket, index, &kept);
	if (err == 0)
		err = rtnl_move(socket, index, namespace, name);
	if (socket >= 0)
		SYS(close, socket);
	return err;
}

static int move_into(struct ctx *c, struct moved *device, int own, const char *template)
{
	char name[IFNAMSIZ];
	int index = device_index(device->name);
	long err;

	if (index < 0)
		return failed(c, "ioctl", device->name, index);
	device->was_up = device_is_up(device->name) > 0;
	err = choose_name(c, own, device->namespace, template, name);
	if (err < 0)
		return (int)err;
	err = transfer(index, device->namespace, name);
	if (err < 0)
		return failed(c, "rtnetlink", device->name, err);
	device->before = c->moved;
	c->moved = device;
	err = SYS(setns, device->namespace, CLONE_NEWNET);
	if (err < 0)
		return failed(c, "setns", "net", err);
	device->index = device_index(name);
	err = device->index < 0 ? device->index : configure(device->index, 1);
	if (SYS(setns, own, CLONE_NEWNET) < 0)
		return failed(c, "setns", "net", -EPERM);
	return err < 0 ? failed(c, "rtnetlink", template, err) : 0;
}

int op_net_device(struct ctx *c, const union arg *a)
{
	struct moved *device = map_memory(sizeof(*device));
	int own = open_own();
	int err;

	if (device == NULL)
		return failed(c, "mmap", NULL, -ENOMEM);
	put_text(device->name, sizeof(device->name), 0, a[0].string);
	device->namespace = open_namespace(c->pid);
	err = own < 0 || device->namespace < 0 ? failed(c, "open", "/proc/PID/ns/net", -EACCES)
					       : move_into(c, device, own, a[1].string);
	if (own >= 0)
		SYS(close, own);
	return err;
}

/* The host has the device again, under its old name. */
static void take_back(const struct moved *device, int own)
{
	int err;

	if (SYS(setns, device->namespace, CLONE_NEWNET) < 0)
		return;
	err = transfer(device->index, own, device->name);
	if (SYS(setns, own, CLONE_NEWNET) < 0 || err < 0)
		return;
	(void)configure(device_index(device->name), device->was_up);
}

/*
 * Undoes op_net_device for all devices. It does what it can: what fails here must not hide why it is done. Not once the
 * container's command runs: what is in its namespace may be anything by then.
 */
void net_devices_take_back(struct ctx *c)
{
	int own = c->moved ? open_own() : -1;

	for (; own >= 0 && c->moved; c->moved = c->moved->before)
		take_back(c->moved, own);
	if (own >= 0)
		SYS(close, own);
}

void net_devices_leave(struct ctx *c)
{
	c->moved = NULL;
}
