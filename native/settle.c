/*
 * Setting a container up takes more memory than waiting for its end, which can take days: what is not needed any more is
 * given back. Of the plan the steps that are left are kept, in pages of their own.
 */
#include "ctx.h"

#define MADV_DONTNEED 4
#define RELEASED_BYTES (64 * 1024)
/* More than the frame of a function with a few variables, and what the architecture has below it. */
#define OWN_FRAME_BYTES 512

static size_t list_size(const struct list *list)
{
	const char *end = list->first;

	for (uint32_t i = 0; i < list->count; i++)
		end = list_next(end);
	return (size_t)(end - list->first);
}

/* Copies to *at, and moves that behind the copy. */
static const char *keep(char **at, const char *from, size_t size)
{
	char *copy = *at;

	memcpy(copy, from, size);
	*at += size;
	return copy;
}

static const char *keep_string(char **at, const char *string)
{
	return keep(at, string, strlen(string) + 1);
}

/* All that points into the plan while the parent waits, but for the steps themselves. */
static size_t strings_size(const struct ctx *c)
{
	size_t size = list_size(&c->image.report_argv);

	for (int i = 0; i < c->found_count; i++)
		size += strlen(c->found[i]) + 1;
	return size + (c->manager == NULL ? 0 : strlen(c->manager) + 1);
}

static void keep_strings(struct ctx *c, char *at)
{
	c->image.report_argv.first = keep(&at, c->image.report_argv.first, list_size(&c->image.report_argv));
	for (int i = 0; i < c->found_count; i++)
		c->found[i] = keep_string(&at, c->found[i]);
	if (c->manager != NULL)
		c->manager = keep_string(&at, c->manager);
}

static void keep_steps(struct step *steps, const struct step *from, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		steps[i] = from[i];
		steps[i].origin = text + (from[i].origin - from->origin);
		steps[i].args = text + (from[i].args - from->origin);
		steps[i].end = text + (from[i].end - from->origin);
	}
}

static void settle_plan(struct ctx *c)
{
	struct image plan = c->image;
	struct step *first = step_now(c), *steps = c->steps;
	size_t count = plan.step_count - c->step;
	size_t table = count * sizeof(*first), text = (size_t)(plan.end - first->origin);
	char *at = map_memory(table + text + strings_size(c));

	if (at == NULL)
		return;
	c->steps = (struct step *)(void *)at;
	at += table;
	keep_steps(c->steps, first, count, at);
	c->image.end = keep(&at, first->origin, text) + text;
	c->image.body = c->image.end - text;
	keep_strings(c, at);
	(void)SYS(munmap, steps, (plan.step_count + 1 - c->first_step) * sizeof(*steps));
	(void)SYS(munmap, plan.start, plan.end - plan.start);
	c->first_step = c->step;
}

/* Whole pages from the first in or behind `from` to the last before `end`. */
static void release(uintptr_t from, uintptr_t end)
{
	uintptr_t first = (from + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);

	end &= ~(uintptr_t)(PAGE_BYTES - 1);
	if (first < end)
		(void)SYS(madvise, first, end - first, MADV_DONTNEED);
}

/* In a frame of its own: an inlined one would be above the caller's variables. */
static __attribute__((noinline)) void settle_stack(void)
{
	uintptr_t unused = (uintptr_t)__builtin_frame_address(0) - OWN_FRAME_BYTES;

	release(unused - RELEASED_BYTES, unused);
}

/* What the child said when its command ran, unless it is yet to be told. */
static void settle_record(struct ctx *c)
{
	if (!c->warned)
		release((uintptr_t)c->record, (uintptr_t)c->record + sizeof(c->record));
}

void settle(struct ctx *c)
{
	settle_plan(c);
	settle_record(c);
	settle_stack();
}
