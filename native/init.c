/*
 * The interpreter of plans: mydocker-init IMAGE-FD [SLOT=FD...] [trace=FD]
 *
 * It is what the engine turns into (or starts): it carries out the steps of stage "parent" itself, clones the container's
 * processes, which walk the same list and carry out theirs, and ends with the verb's exit status. See docs/architecture.md.
 */
#include "trace.h"

#include <linux/fcntl.h>
#include <linux/stat.h>

#define PROT_READ_WRITE 3
#define MAP_PRIVATE 2
#define MAP_ANONYMOUS 0x20

static int (*const ops[OP_COUNT])(struct ctx *, const union arg *) = {
#define X(name, signature, stages) op_##name,
	FOR_EACH_OP(X)
#undef X
};

static struct ctx context;

void *map_memory(size_t size)
{
	long at = SYS(mmap, NULL, size, PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at < 0 && at > -4096 ? NULL : (void *)at;
}

int slot_put(struct ctx *c, uint64_t slot, int fd)
{
	if (slot >= SLOT_COUNT)
		return failed(c, "slot", NULL, -EPROTO);
	c->slots[slot] = fd + 1;
	return 0;
}

int slot_get(struct ctx *c, uint64_t slot)
{
	return slot < SLOT_COUNT ? c->slots[slot] - 1 : -1;
}

int slot_take(struct ctx *c, uint64_t slot)
{
	int fd = slot_get(c, slot);

	if (fd >= 0)
		c->slots[slot] = 0;
	return fd;
}

int op_slot_close(struct ctx *c, const union arg *a)
{
	int fd = slot_take(c, a[0].number);

	if (fd >= 0)
		SYS(close, fd);
	return 0;
}

int op_journal_open(struct ctx *c, const union arg *a)
{
	long fd = SYS(openat, AT_FDCWD, a[0].string, O_WRONLY | O_APPEND | O_CLOEXEC, 0);

	if (fd < 0)
		return failed(c, "open", a[0].string, fd);
	c->journal = (int)fd;
	return 0;
}

static int load_image(struct ctx *c, int fd)
{
	struct statx info;
	long at;

	if (SYS(statx, fd, "", AT_EMPTY_PATH, STATX_SIZE, &info) < 0)
		return -EPROTO;
	at = SYS(mmap, NULL, info.stx_size, 1 /* PROT_READ */, MAP_PRIVATE, fd, 0);
	if (at < 0 && at > -4096)
		return -EPROTO;
	if (image_header((const char *)at, info.stx_size, &c->image) < 0)
		return -EPROTO;
	c->steps = map_memory((c->image.step_count + 1) * sizeof(*c->steps));
	if (c->steps == NULL || image_steps(&c->image, c->steps) < 0)
		return -EPROTO;
	/* Two lists at once (arguments and environment), and what an op adds to them. */
	c->vector = map_memory((2 * (size_t)c->image.longest_list + 16) * sizeof(*c->vector));
	return c->vector == NULL ? -EPROTO : 0;
}

/* "SLOT=FD" or "trace=FD": a descriptor that the engine has opened. */
static int adopt_descriptor(struct ctx *c, const char *argument)
{
	uint64_t slot, fd;
	const char *at = argument;

	while (*at && *at != '=')
		at++;
	if (*at != '=' || parse_decimal(at + 1, &fd) < 0)
		return -EPROTO;
	if (text_starts(argument, "trace="))
		c->trace = (int)fd;
	else if (parse_decimal(argument, &slot) < 0 || slot_put(c, slot, (int)fd) < 0)
		return -EPROTO;
	/* Inherited from the engine's execve, but not for the container's. */
	return (int)SYS(fcntl, fd, F_SETFD, FD_CLOEXEC);
}

/* After its process has ended, a container's leftovers are a warning: its exit status is what the caller waits for. */
static void step_failed(struct ctx *c, int err)
{
	if (!c->child_failed)
		record_build(c, err);
	if (c->stage != STAGE_PARENT) {
		record_send(c);
		SYS(exit_group, 1);
	}
	if (c->exited && !c->child_failed && c->ended) {
		c->warned = 1;
		return;
	}
	net_devices_take_back(c);
	child_kill(c);
	c->exit_status = 1;
	report_and_exit(c, "failure");
}

static void walk(struct ctx *c)
{
	union arg args[MAX_ARGS];

	for (; c->step < c->image.step_count; c->step++) {
		int err;

		if (step_now(c)->stage != c->stage)
			continue;
		image_args(step_now(c), args);
		c->call = c->detail = "";
		c->note_length = 0;
		c->child_failed = 0;
		err = ops[step_now(c)->op](c, args);
		if (err < 0)
			step_failed(c, err);
		trace_step(c);
	}
}

static void context_init(struct ctx *c, char *const *envp)
{
	c->sync = c->journal = c->root = c->mask = c->terminal = c->notify = c->pidfd = c->trace = -1;
	c->envp = envp;
	c->call = c->detail = "";
	/* Modes are meant as they are written; the container's own umask is a step. */
	SYS(umask, 0);
}

int main(int argc, char **argv, char **envp)
{
	struct ctx *c = &context;
	uint64_t image;

	context_init(c, envp);
	if (argc < 2 || parse_decimal(argv[1], &image) < 0)
		return 2;
	for (int i = 2; i < argc; i++) {
		if (adopt_descriptor(c, argv[i]) < 0)
			return 2;
	}
	if (load_image(c, (int)image) < 0)
		return 3;
	SYS(close, image);
	trace_begin(c);
	signals_block();
	walk(c);
	if (c->stage != STAGE_PARENT)
		return 1;
	if (c->warned)
		report_and_exit(c, c->ended && !c->removed ? "warning" : "notice");
	return c->exit_status;
}
