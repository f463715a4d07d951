/* Collects the time at which each step ended, and writes it before the process ends or becomes another program. */
#include "timeline.h"

#ifdef TIMELINE
#include <linux/fcntl.h>
#include <linux/time_types.h>

#define CLOCK_REALTIME 0
#define VARIABLE "MYDOCKER_TIMELINE="

static char lines[1 << 16];
static size_t length;
static int file = -1;
/* Whose lines are collected: a child starts with its parent's. */
static enum stage stage = STAGE_PARENT;

static void add_time(void)
{
	struct __kernel_timespec now = { 0, 0 };

	SYS(clock_gettime, CLOCK_REALTIME, &now);
	length = put_text(lines, sizeof(lines), length, " ");
	length = put_number(lines, sizeof(lines), length, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	length = put_text(lines, sizeof(lines), length, "\n");
}

/* The file is opened before the container has a root of its own. */
void timeline_open(struct ctx *c)
{
	for (char *const *variable = c->envp; *variable; variable++) {
		if (text_starts(*variable, VARIABLE))
			file = (int)SYS(openat, AT_FDCWD, *variable + sizeof(VARIABLE) - 1, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
	}
	length = put_text(lines, sizeof(lines), length, "phase execute-the-static-program");
	add_time();
}

static const char *const names[OP_COUNT] = {
#define X(name, signature, stages) #name,
	FOR_EACH_OP(X)
#undef X
};

/* "step", its stage's number, the operation, and when it ended. */
void timeline_step(struct ctx *c)
{
	const struct step *step = step_now(c);

	if (c->stage != stage)
		length = 0;
	stage = c->stage;
	length = put_text(lines, sizeof(lines), length, "step ");
	length = put_number(lines, sizeof(lines), length, step->stage);
	length = put_text(lines, sizeof(lines), length, " ");
	length = put_text(lines, sizeof(lines), length, names[step->op]);
	add_time();
}

void timeline_write(void)
{
	if (file >= 0)
		(void)write_all(file, lines, length);
	length = 0;
}
#endif
