/* Namespaces, and what belongs to one of them. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/if.h>
#include <linux/keyctl.h>
#include <linux/sockios.h>

int op_ns_open(struct ctx *c, const union arg *a)
{
	long fd = SYS(openat, AT_FDCWD, a[1].string, O_RDONLY | O_CLOEXEC, 0);

	return fd < 0 ? failed(c, "open", a[1].string, fd) : slot_put(c, a[0].number, (int)fd);
}

/* The kernel checks the type: a path to another kind of namespace is EINVAL. */
int op_ns_join(struct ctx *c, const union arg *a)
{
	int fd = slot_take(c, a[0].number);
	long err = SYS(setns, fd, a[1].number);

	SYS(close, fd);
	return err < 0 ? failed(c, "setns", a[2].string, err) : 0;
}

int op_ns_unshare(struct ctx *c, const union arg *a)
{
	long err = SYS(unshare, a[0].number);

	return err < 0 ? failed(c, "unshare", NULL, err) : 0;
}

/* In a new user namespace the process has all capabilities but still the outer ids. */
int op_ns_become_root(struct ctx *c, const union arg *a)
{
	long err = SYS(setresgid, 0, 0, 0);

	(void)a;
	if (err < 0)
		return failed(c, "setresgid", NULL, err);
	err = SYS(setresuid, 0, 0, 0);
	return err < 0 ? failed(c, "setresuid", NULL, err) : 0;
}

int op_time_offsets(struct ctx *c, const union arg *a)
{
	return write_path(c, "/proc/self/timens_offsets", a[0].string, strlen(a[0].string));
}

int op_session_new(struct ctx *c, const union arg *a)
{
	long err = SYS(setsid);

	(void)a;
	return err < 0 ? failed(c, "setsid", NULL, err) : 0;
}

/* Without a session keyring of its own the container would share the caller's. No keys in the kernel: nothing shared. */
int op_keyring_join(struct ctx *c, const union arg *a)
{
	long err = SYS(keyctl, KEYCTL_JOIN_SESSION_KEYRING, a[0].string, 0, 0, 0);

	return err < 0 && err != -ENOSYS ? failed(c, "keyctl", a[0].string, err) : 0;
}

int op_net_loopback_up(struct ctx *c, const union arg *a)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	long socket = SYS(socket, 2 /* AF_INET */, 2 | 02000000 /* SOCK_DGRAM|SOCK_CLOEXEC */, 0);
	long err;

	(void)a;
	if (socket < 0)
		return failed(c, "socket", NULL, socket);
	err = SYS(ioctl, socket, SIOCSIFFLAGS, &request);
	SYS(close, socket);
	return err < 0 ? failed(c, "ioctl", "lo", err) : 0;
}

int op_uts_hostname(struct ctx *c, const union arg *a)
{
	long err = SYS(sethostname, a[0].string, strlen(a[0].string));

	return err < 0 ? failed(c, "sethostname", NULL, err) : 0;
}

int op_uts_domainname(struct ctx *c, const union arg *a)
{
	long err = SYS(setdomainname, a[0].string, strlen(a[0].string));

	return err < 0 ? failed(c, "setdomainname", NULL, err) : 0;
}
