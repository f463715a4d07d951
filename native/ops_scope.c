/* Units of systemd, by way of its own programs. What they are told is decided in src/cgroup/systemd/. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/time_types.h>

#define PROGRAM_TIMEOUT_MS 60000
#define MOVE_ROUNDS 3000

/* The words of a command line, with the pid of the container's first process for each "{pid}". */
static void fill_vector(struct ctx *c, const struct list *words, const char *pid)
{
	const char *item = words->first;
	uint32_t n = 0;

	for (; n < words->count; n++, item = list_next(item))
		c->vector[n] = text_equals(item, "{pid}") ? pid : item;
	c->vector[n] = NULL;
}

static int lists_pid(const char *directory, uint64_t wanted)
{
	char path[PATH_SIZE], procs[16384];
	const char *at = procs;
	size_t length = put_text(path, sizeof(path), 0, directory);
	uint64_t pid;

	put_text(path, sizeof(path), length, "/cgroup.procs");
	if (read_small(AT_FDCWD, path, procs, sizeof(procs)) <= 0)
		return 0;
	while (parse_decimal(at, &pid) == 0) {
		if (pid == wanted)
			return 1;
		while (*at && *at != '\n')
			at++;
		at += *at == '\n';
	}
	return 0;
}

/* systemd answers when it has queued the job; the job is done when the process is in the cgroup. 30 seconds at most. */
static int wait_moved(struct ctx *c, const char *directory, uint64_t pid)
{
	struct __kernel_timespec moment = { 0, 10000000 };

	for (int round = 0; round < MOVE_ROUNDS; round++) {
		if (lists_pid(directory, pid))
			return 0;
		SYS(nanosleep, &moment, NULL);
	}
	return failed(c, "program", directory, -ETIMEDOUT);
}

/*
 * It is in the journal when it is surely this run's: another's unit of the same name must not be stopped. Until then
 * nothing can be left of it, because it ends with the process, which is in the journal.
 */
int op_scope_start(struct ctx *c, const union arg *a)
{
	uint64_t pid = (uint64_t)(c->intermediate > 0 ? c->intermediate : c->pid);
	char text[24];
	int err;

	put_number(text, sizeof(text), 0, pid);
	fill_vector(c, &a[1].list, text);
	err = program_run(c, c->vector[0], c->envp, -1, -1, PROGRAM_TIMEOUT_MS);
	if (err == 0)
		err = journal_add(c, a[3].string);
	return err < 0 ? err : wait_moved(c, a[2].string, pid);
}

int op_scope_set(struct ctx *c, const union arg *a)
{
	fill_vector(c, &a[1].list, "");
	return program_run(c, c->vector[0], c->envp, -1, -1, PROGRAM_TIMEOUT_MS);
}

int op_scope_attach(struct ctx *c, const union arg *a)
{
	char pid[24];
	int err;

	put_number(pid, sizeof(pid), 0, (uint64_t)c->intermediate);
	fill_vector(c, &a[1].list, pid);
	err = program_run(c, c->vector[0], c->envp, -1, -1, PROGRAM_TIMEOUT_MS);
	return err < 0 ? err : wait_moved(c, a[2].string, (uint64_t)c->intermediate);
}

/* systemd removes a scope without processes by itself: that it knows none of this name is as good. */
int op_scope_stop(struct ctx *c, const union arg *a)
{
	fill_vector(c, &a[1].list, "");
	(void)program_run(c, c->vector[0], c->envp, -1, -1, PROGRAM_TIMEOUT_MS);
	return 0;
}
