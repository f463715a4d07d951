/* Who the container's process is, and what it may do. */
#include "ctx.h"

#include <linux/capability.h>
#include <linux/prctl.h>

#define LAST_CAP 63

int op_no_new_privs(struct ctx *c, const union arg *a)
{
	long err = SYS(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	(void)a;
	return err < 0 ? failed(c, "prctl", "PR_SET_NO_NEW_PRIVS", err) : 0;
}

/* EINVAL ends the loop: the kernel knows no further capability. */
int op_caps_bounding(struct ctx *c, const union arg *a)
{
	for (uint64_t cap = 0; cap <= LAST_CAP; cap++) {
		long err;

		if (a[0].number >> cap & 1)
			continue;
		err = SYS(prctl, PR_CAPBSET_DROP, cap, 0, 0, 0);
		if (err == -EINVAL)
			break;
		if (err < 0)
			return failed(c, "prctl", "PR_CAPBSET_DROP", err);
	}
	return 0;
}

static int set_ambient(struct ctx *c, uint64_t ambient)
{
	long err = SYS(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

	for (uint64_t cap = 0; err == 0 && cap <= LAST_CAP; cap++) {
		if (ambient >> cap & 1)
			err = SYS(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	}
	return err < 0 ? failed(c, "prctl", "PR_CAP_AMBIENT", err) : 0;
}

int op_caps_set(struct ctx *c, const union arg *a)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	long err;

	for (int half = 0; half < 2; half++) {
		data[half].effective = (uint32_t)(a[0].number >> (32 * half));
		data[half].permitted = (uint32_t)(a[1].number >> (32 * half));
		data[half].inheritable = (uint32_t)(a[2].number >> (32 * half));
	}
	err = SYS(capset, &header, data);
	return err < 0 ? failed(c, "capset", NULL, err) : set_ambient(c, a[3].number);
}

/* Sets the effective capabilities to those of `wanted` that are permitted, and tells what they have been. */
int caps_set_effective(uint64_t wanted, uint64_t *before)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	long err = SYS(capget, &header, data);

	if (err < 0)
		return (int)err;
	*before = data[0].effective | (uint64_t)data[1].effective << 32;
	data[0].effective = data[0].permitted & (uint32_t)wanted;
	data[1].effective = data[1].permitted & (uint32_t)(wanted >> 32);
	return (int)SYS(capset, &header, data);
}

int op_user_groups(struct ctx *c, const union arg *a)
{
	uint32_t gids[1024];
	const char *item = a[0].list.first;
	long err;

	if (a[0].list.count > 1024)
		return failed(c, "setgroups", NULL, -EINVAL);
	for (uint32_t i = 0; i < a[0].list.count; i++, item = list_next(item)) {
		uint64_t gid;

		if (parse_decimal(item, &gid) < 0 || gid > UINT32_MAX)
			return failed(c, "setgroups", item, -EINVAL);
		gids[i] = (uint32_t)gid;
	}
	err = SYS(setgroups, a[0].list.count, gids);
	return err < 0 ? failed(c, "setgroups", NULL, err) : 0;
}

/* Keeps the permitted capabilities over the change: caps.set comes next. */
int op_user_set(struct ctx *c, const union arg *a)
{
	long err = SYS(prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0);

	if (err < 0)
		return failed(c, "prctl", "PR_SET_KEEPCAPS", err);
	err = SYS(setresgid, a[1].number, a[1].number, a[1].number);
	if (err < 0)
		return failed(c, "setresgid", NULL, err);
	err = SYS(setresuid, a[0].number, a[0].number, a[0].number);
	if (err < 0)
		return failed(c, "setresuid", NULL, err);
	err = SYS(prctl, PR_SET_KEEPCAPS, 0, 0, 0, 0);
	return err < 0 ? failed(c, "prctl", "PR_SET_KEEPCAPS", err) : 0;
}
