/* What the container's process is made to be: how it is scheduled, what it inherits, which calls it may make. */
#include "ctx.h"

#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

int op_sched_set(struct ctx *c, const union arg *a)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = { 48, (uint32_t)a[0].number, a[3].number, 0, (uint32_t)a[2].number, a[4].number, a[5].number, a[6].number };
	const char *nice = a[1].string;
	uint64_t value = 0;
	long err;

	if (parse_decimal(nice + (*nice == '-'), &value) < 0)
		return failed(c, "sched_setattr", nice, -EPROTO);
	attr.nice = *nice == '-' ? -(int32_t)value : (int32_t)value;
	err = SYS(sched_setattr, c->stage == STAGE_PARENT ? c->pid : 0, &attr, 0);
	return err < 0 ? failed(c, "sched_setattr", NULL, err) : 0;
}

/* A bit for each processor in hexadecimal, the lowest first; the empty text stands for all (src/plan/parts/exec-affinity.ts). */
int op_sched_affinity(struct ctx *c, const union arg *a)
{
	uint8_t mask[1024];
	int all = a[0].string[0] == '\0';
	long size = all ? (long)sizeof(mask) : bytes_of_hex(a[0].string, mask, sizeof(mask));
	long err;

	if (all)
		memset(mask, 0xff, sizeof(mask));
	err = size < 0 ? size : SYS(sched_setaffinity, 0, size, mask);

	return err < 0 ? failed(c, "sched_setaffinity", NULL, err) : 0;
}

int op_io_priority(struct ctx *c, const union arg *a)
{
	long err = SYS(ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, c->stage == STAGE_PARENT ? c->pid : 0, a[0].number);

	return err < 0 ? failed(c, "ioprio_set", NULL, err) : 0;
}

int op_personality(struct ctx *c, const union arg *a)
{
	long err = SYS(personality, a[0].number);

	return err < 0 ? failed(c, "personality", NULL, err) : 0;
}

int op_memory_policy(struct ctx *c, const union arg *a)
{
	uint8_t nodes[1024];
	long size = bytes_of_hex(a[1].string, nodes, sizeof(nodes));
	long err = size < 0 ? size : SYS(set_mempolicy, a[0].number, size ? nodes : NULL, size * 8);

	return err < 0 ? failed(c, "set_mempolicy", NULL, err) : 0;
}

/* Into the container's own proc: anything else that the image has put there would make a label that is none. */
int op_lsm_write(struct ctx *c, const union arg *a)
{
	return write_to_proc(c, a[0].string, a[1].string);
}

int op_umask(struct ctx *c, const union arg *a)
{
	(void)c;
	SYS(umask, a[0].number);
	return 0;
}

/* From outside, where the process itself may not raise its hard limit; op_rlimit_set lowers it to what is asked for. */
int op_rlimit_allow(struct ctx *c, const union arg *a)
{
	uint64_t limit[2] = { 0 };
	long err = SYS(prlimit64, c->pid, a[0].number, NULL, limit);

	if (err == 0 && limit[1] < a[1].number) {
		limit[1] = a[1].number;
		err = SYS(prlimit64, c->pid, a[0].number, limit, NULL);
	}
	return err < 0 ? failed(c, "prlimit64", NULL, err) : 0;
}

/* By the process itself, when it has little left to do that a limit could stand in the way of. */
int op_rlimit_set(struct ctx *c, const union arg *a)
{
	uint64_t limit[2] = { a[1].number, a[2].number };
	long err = SYS(prlimit64, 0, a[0].number, limit, NULL);

	return err < 0 ? failed(c, "prlimit64", NULL, err) : 0;
}

/* Everything beyond the standard streams and `count` more is closed by the execve, and nothing else is left open. */
int op_fds_inherit(struct ctx *c, const union arg *a)
{
	long err = SYS(close_range, 3 + a[0].number, ~0u, CLOSE_RANGE_CLOEXEC);

	/* A created container's init may wait for long, and needs none of these from here on. */
	if (c->journal >= 0)
		SYS(close, c->journal);
	if (c->root >= 0)
		SYS(close, c->root);
	if (c->mask >= 0)
		SYS(close, c->mask);
	c->journal = c->root = c->mask = -1;
	return err < 0 ? failed(c, "close_range", NULL, err) : 0;
}

int op_seccomp_load(struct ctx *c, const union arg *a)
{
	size_t size = strlen(a[1].string) / 2;
	uint8_t *program = map_memory(size + 8);
	struct sock_fprog filter = { (unsigned short)(size / 8), (struct sock_filter *)(void *)program };
	uint64_t before;
	long err;

	if (program == NULL)
		return failed(c, "mmap", NULL, -ENOMEM);
	if (bytes_of_hex(a[1].string, program, size) < 0)
		return failed(c, "seccomp", NULL, -EPROTO);
	err = SYS(seccomp, SECCOMP_SET_MODE_FILTER, a[0].number, &filter);
	/* The change of the user has cleared the effective set; what is permitted can be had back until caps.set. */
	if (err == -EACCES && caps_set_effective(~0ull, &before) == 0)
		err = SYS(seccomp, SECCOMP_SET_MODE_FILTER, a[0].number, &filter);
	SYS(munmap, program, size + 8);
	if (err < 0)
		return failed(c, "seccomp", NULL, err);
	if (!a[2].number)
		return 0;
	err = send_fd(c->sync, (int)err, "N", 1);
	return err < 0 ? failed(c, "sendmsg", NULL, err) : 0;
}

/* The agent at the other end decides on the calls that the filter notifies of. The pid goes between the pieces of text. */
int op_seccomp_send(struct ctx *c, const union arg *a)
{
	char state[PATH_SIZE * 4];
	const char *piece = a[1].list.first;
	size_t length = 0;
	int listener, socket, err = sync_receive_fd(c, 'N', "seccomp listener", &listener);

	if (err < 0)
		return err;
	for (uint32_t i = 0; i < a[1].list.count; i++, piece = list_next(piece)) {
		if (i > 0)
			length = put_number(state, sizeof(state), length, (uint64_t)c->pid);
		length = put_text(state, sizeof(state), length, piece);
	}
	if (length + 1 >= sizeof(state))
		return failed(c, "sendmsg", a[0].string, -E2BIG);
	socket = connect_unix(c, a[0].string);
	if (socket < 0)
		return socket;
	err = send_fd(socket, listener, state, length);
	SYS(close, socket);
	SYS(close, listener);
	return err < 0 ? failed(c, "sendmsg", a[0].string, err) : 0;
}
