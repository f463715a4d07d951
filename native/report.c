/*
 * What is said when a step fails. A record is a sequence of NUL-terminated strings (src/apply/failure-record.ts reads it):
 *
 *     "failure"  step number  errno  call  detail  note  opcode  stage  origin  arguments as in the image
 *
 * The arguments are left out where they are longer than the record has room for (the environment of exec, say).
 */
#include "ctx.h"

int failed(struct ctx *c, const char *call, const char *detail, long err)
{
	c->call = call;
	c->detail = detail == NULL ? "" : detail;
	return (int)err;
}

static void add(struct ctx *c, const char *text)
{
	c->record_length = put_text(c->record, sizeof(c->record), c->record_length, text);
	if (c->record_length + 1 < sizeof(c->record))
		c->record_length++;
}

static void add_number(struct ctx *c, uint64_t value)
{
	char digits[24];

	put_number(digits, sizeof(digits), 0, value);
	add(c, digits);
}

/* The strings of the step's arguments, as they lie in the image. */
static void add_arguments(struct ctx *c)
{
	const struct step *step = step_now(c);
	size_t size = (size_t)(step->end - step->args);

	if (c->record_length + size + 1 > sizeof(c->record))
		return;
	for (size_t i = 0; i < size; i++)
		c->record[c->record_length++] = step->args[i];
}

void record_build(struct ctx *c, long err)
{
	const struct step *step = step_now(c);

	c->record_length = 0;
	add(c, "failure");
	add_number(c, c->step);
	add_number(c, (uint64_t)-err);
	add(c, c->call);
	add(c, c->detail);
	c->note[c->note_length < sizeof(c->note) ? c->note_length : sizeof(c->note) - 1] = '\0';
	add(c, c->note);
	add_number(c, step->op);
	add_number(c, step->stage);
	add(c, step->origin);
	add_arguments(c);
}

/* The child's side: the parent reads the record instead of the barrier that it waits for. */
void record_send(struct ctx *c)
{
	if (c->sync >= 0)
		(void)write_all(c->sync, c->record, c->record_length);
}

/*
 * The parent's end of a run that something went wrong in: the engine is started again with the record, or, where a
 * library waits, the kind and the record go to descriptor SLOT_REPORT. `kind` is "failure", "warning" (the container has
 * ended, and is to be removed) or "notice" (it goes on, or has been removed); the latter two keep its exit status.
 */
_Noreturn void report_and_exit(struct ctx *c, const char *kind)
{
	const struct list *argv = &c->image.report_argv;
	const char *argument = argv->first;
	char fd_text[24], status_text[24];
	uint32_t n = 0;
	long fd;

	if (argv->count == 0) {
		int report = slot_get(c, SLOT_REPORT);
		char head[16];

		if (report >= 0 && write_all(report, head, put_text(head, sizeof(head), 0, kind) + 1) == 0)
			(void)write_all(report, c->record, c->record_length);
		SYS(exit_group, c->exited || text_equals(kind, "notice") ? c->exit_status : 1);
	}
	fd = SYS(memfd_create, "failure", 0);
	if (fd == -EMFILE) {
		/* What is open here is of no use to the engine, which undoes by names. */
		SYS(close_range, 3, ~0U, 0);
		fd = SYS(memfd_create, "failure", 0);
	}
	if (fd >= 0) {
		(void)write_all((int)fd, c->record, c->record_length);
		SYS(lseek, fd, 0, 0);
	}
	put_number(fd_text, sizeof(fd_text), 0, (uint64_t)(fd < 0 ? 0 : fd));
	put_number(status_text, sizeof(status_text), 0, (uint64_t)c->exit_status);
	for (; n < argv->count; n++, argument = list_next(argument))
		c->vector[n] = argument;
	c->vector[n++] = kind;
	c->vector[n++] = fd_text;
	c->vector[n++] = status_text;
	c->vector[n] = NULL;
	signals_restore();
	SYS(execve, argv->first, c->vector, c->envp);
	SYS(exit_group, 1);
	__builtin_unreachable();
}
