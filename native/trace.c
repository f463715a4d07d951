/* A line for each step that has been carried out, written at once: where something hangs, the next one is where. */
#include "trace.h"

#include <linux/time_types.h>

#define CLOCK_REALTIME 0

enum {
#define X(name, signature, stages) OP_##name,
	FOR_EACH_OP(X)
#undef X
};

static void put_line(const struct ctx *c, char *line, size_t size, size_t at)
{
	struct __kernel_timespec now = { 0, 0 };

	SYS(clock_gettime, CLOCK_REALTIME, &now);
	at = put_text(line, size, at, " ");
	at = put_number(line, size, at, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	at = put_text(line, size, at, "\n");
	(void)write_all(c->trace, line, at);
}

/* "begin TIME", in microseconds of the epoch. */
void trace_begin(struct ctx *c)
{
	char line[64];

	if (c->trace >= 0)
		put_line(c, line, sizeof(line), put_text(line, sizeof(line), 0, "begin"));
}

/* "step NUMBER TIME". Under a system call filter nothing is told any more: it may forbid that, or kill for it. */
void trace_step(struct ctx *c)
{
	char line[64];
	size_t at;

	/* A child comes out of its parent's step of cloning it. */
	if (c->trace < 0 || step_now(c)->stage != c->stage)
		return;
	if (step_now(c)->op == OP_seccomp_load) {
		c->trace = -1;
		return;
	}
	at = put_text(line, sizeof(line), 0, "step ");
	put_line(c, line, sizeof(line), put_number(line, sizeof(line), at, (uint64_t)c->step + 1));
}
