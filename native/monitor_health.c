/*
 * Health checks: a command in the container every so often. The runtime executes it detached and leaves its pid, so the only
 * process that is there meanwhile is the command itself, which becomes this program's child and can be killed at its timeout.
 *
 * What `mydocker` reads of it, in the monitor's directory:
 *
 *     health            "STATUS STREAK COUNT": how it is, how many checks in a row have failed, how many there were
 *     health.0 to .4    the last of them: check N is in N modulo 5. "START END RESULT", a line, and the output; the result is
 *                       an exit status, or "failed" (it could not be executed) or "timeout"
 *     health.pid        the runtime's pid file
 *     health.process    the check that runs: "PID START-TIME"
 *     paused            somebody else's: there while the container is suspended, so nothing is checked
 *
 * What docker counts is counted here. Source: HEALTHCHECK of the Dockerfile reference.
 */
#include "monitor.h"

#include <linux/fcntl.h>

#define SIGKILL 9
#define START_TIMEOUT_MS 30000	/* for the runtime, which docker gives as much */
#define KILL_AGAIN_MS 1000
#define KEPT_CHECKS 5
#define MAX_OUTPUT 4096
#define HEADER_SIZE 128

static const char *const status_words[] = { "starting", "healthy", "unhealthy" };

/* Room for the line before the output, and for the dots behind it. */
static char output[HEADER_SIZE + MAX_OUTPUT + 4];

static int is_paused(void)
{
	return SYS(faccessat, AT_FDCWD, "paused", 0) == 0;
}

static void schedule(struct health *h)
{
	int64_t now = monotonic_ms();
	int is_early = h->status == HEALTH_UNKNOWN && now - h->begun < (int64_t)h->start_period_ms;

	h->due = now + (int64_t)(is_early ? h->start_interval_ms : h->interval_ms);
}

void health_begin(struct monitor *m)
{
	struct health *h = &m->health;

	if (h->check.argv == NULL)
		return;
	h->begun = monotonic_ms();
	schedule(h);
}

/* Changes are told one after the other. */
static int is_telling(const struct health *h)
{
	return h->phase == CHECK_NONE && h->change_pid > 0;
}

int health_wait_ms(const struct monitor *m)
{
	return m->health.check.argv == NULL || is_telling(&m->health) ? -1 : wait_ms(m->health.due);
}

static void write_status(const struct health *h)
{
	char text[96];
	size_t at = put_text(text, sizeof(text), 0, status_words[h->status]);

	at = put_number(text, sizeof(text), put_text(text, sizeof(text), at, " "), h->streak);
	at = put_number(text, sizeof(text), put_text(text, sizeof(text), at, " "), h->count);
	(void)write_text_file("health", text, put_text(text, sizeof(text), at, "\n"), 0);
}

/* The output is where it is; its line comes right before it. */
static void write_check(struct health *h, const char *result)
{
	char name[] = "health.0", line[HEADER_SIZE];
	size_t at = put_text(line, sizeof(line), 0, h->start_text);
	size_t end = HEADER_SIZE + h->length;

	at = put_time(line, sizeof(line), put_text(line, sizeof(line), at, " "));
	at = put_text(line, sizeof(line), put_text(line, sizeof(line), at, " "), result);
	at = put_text(line, sizeof(line), at, "\n");
	memcpy(output + HEADER_SIZE - at, line, at);
	if (h->is_cut)
		end = put_text(output, sizeof(output), end, "...");
	name[sizeof(name) - 2] = (char)('0' + h->count % KEPT_CHECKS);
	(void)write_text_file(name, output + HEADER_SIZE - at, end - (HEADER_SIZE - at), 0);
}

static void judge(struct health *h, int is_healthy)
{
	int is_early = h->status == HEALTH_UNKNOWN && h->check_begun - h->begun < (int64_t)h->start_period_ms;

	if (is_healthy) {
		h->streak = 0;
		h->status = HEALTHY;
	} else if (!is_early && ++h->streak >= h->retries) {
		h->status = UNHEALTHY;
	}
}

static void tell_change(struct monitor *m)
{
	struct command command = m->health.change;
	size_t last = 0;

	if (command.argv == NULL)
		return;
	while (command.argv[last] != NULL)
		last++;
	/* read_arguments() leaves room for one more word. */
	command.argv[last] = (char *)(uintptr_t)status_words[m->health.status];
	m->health.change_pid = start_command(m, &command, -1);
	command.argv[last] = NULL;
}

static void close_check(struct health *h)
{
	if (h->output >= 0)
		SYS(close, h->output);
	h->output = -1;
	h->phase = CHECK_NONE;
	SYS(unlinkat, AT_FDCWD, "health.pid", 0);
	SYS(unlinkat, AT_FDCWD, "health.process", 0);
}

static void end_check(struct monitor *m, const char *result)
{
	struct health *h = &m->health;
	int before = h->status;

	/* What it has written; others that hold its streams open may go on for ever. */
	while (h->output >= 0 && !h->is_cut && health_read(m) > 0)
		;
	close_check(h);
	write_check(h, result);
	judge(h, text_equals(result, "0"));
	h->count++;
	write_status(h);
	if (h->status != before)
		tell_change(m);
	schedule(h);
}

static void begin_check(struct monitor *m)
{
	struct health *h = &m->health;
	int ends[2];

	if (is_paused()) {
		schedule(h);
		return;
	}
	h->length = 0;
	h->is_cut = h->is_killed = 0;
	h->check_begun = monotonic_ms();
	h->due = h->check_begun + START_TIMEOUT_MS;
	put_time(h->start_text, sizeof(h->start_text), 0);
	if (SYS(pipe2, ends, O_CLOEXEC) < 0) {
		end_check(m, "failed");
		return;
	}
	h->output = ends[0];
	SYS(fcntl, ends[0], F_SETFL, O_NONBLOCK);
	h->pid = start_command(m, &h->check, ends[1]);
	SYS(close, ends[1]);
	h->phase = CHECK_STARTS;
	if (h->pid < 0)
		end_check(m, "failed");
}

/* It has had its time. What is suspended cannot end, and has its time anew. */
static void expire(struct health *h)
{
	if (is_paused()) {
		h->due = monotonic_ms() + (int64_t)h->timeout_ms;
		return;
	}
	h->is_killed = 1;
	h->due = monotonic_ms() + KILL_AGAIN_MS;
	SYS(kill, h->pid, SIGKILL);
}

void health_step(struct monitor *m)
{
	if (m->health.check.argv == NULL || is_telling(&m->health) || m->health.due > monotonic_ms())
		return;
	if (m->health.phase == CHECK_NONE)
		begin_check(m);
	else
		expire(&m->health);
}

/* The runtime has ended: now the command runs, and is a child of this program. */
static void note_running(struct monitor *m, int status)
{
	struct health *h = &m->health;
	int pid = status == 0 ? read_pid_file("health.pid") : -1;

	if (pid < 0) {
		end_check(m, h->is_killed ? "timeout" : "failed");
		return;
	}
	h->pid = pid;
	h->phase = CHECK_RUNS;
	h->due = monotonic_ms() + (int64_t)h->timeout_ms;
	(void)write_process_file("health.process", pid);
}

/* Some child that is not the container's process has ended. */
void health_reaped(struct monitor *m, int pid, int wait_status)
{
	struct health *h = &m->health;
	char result[16];

	if (pid == h->change_pid) {
		h->change_pid = 0;
	} else if (h->phase == CHECK_STARTS && pid == h->pid) {
		note_running(m, exit_status_of(wait_status));
	} else if (h->phase == CHECK_RUNS && pid == h->pid) {
		put_number(result, sizeof(result), 0, (uint64_t)exit_status_of(wait_status));
		end_check(m, h->is_killed ? "timeout" : result);
	}
}

/* Keeps what there is room for, and discards the rest. Returns what read(2) does. */
long health_read(struct monitor *m)
{
	struct health *h = &m->health;
	char rest[256];
	size_t room = MAX_OUTPUT - h->length;
	long n = room > 0 ? SYS(read, h->output, output + HEADER_SIZE + h->length, room)
			  : SYS(read, h->output, rest, sizeof(rest));

	if (n > 0 && room > 0)
		h->length += (size_t)n;
	else if (n > 0)
		h->is_cut = 1;
	if (n == 0) {
		SYS(close, h->output);
		h->output = -1;
	}
	return n;
}

/* Nothing is checked any more. */
void health_end(struct monitor *m)
{
	struct health *h = &m->health;

	h->check.argv = NULL;
	if (h->phase == CHECK_NONE)
		return;
	SYS(kill, h->pid, SIGKILL);
	close_check(h);
}

/* A check that the earlier monitor had begun has nobody who waits for it. */
static void kill_abandoned(void)
{
	char text[64];
	uint64_t pid, ticks, now;
	const char *space = text;

	if (read_small(AT_FDCWD, "health.process", text, sizeof(text)) < 0 || parse_decimal(text, &pid) < 0)
		return;
	while (*space && *space != ' ')
		space++;
	if (*space == ' ' && parse_decimal(space + 1, &ticks) == 0 && pid > 0 && pid < MAX_PID &&
	    read_start_time_of((int)pid, &now) == 0 && now == ticks)
		SYS(kill, pid, SIGKILL);
	SYS(unlinkat, AT_FDCWD, "health.process", 0);
}

/* Goes on where the earlier monitor was killed. */
void health_adopt(struct monitor *m)
{
	struct health *h = &m->health;
	char text[96];
	const char *at = text;

	if (h->check.argv == NULL)
		return;
	kill_abandoned();
	if (read_small(AT_FDCWD, "health", text, sizeof(text)) < 0)
		return;
	for (int i = 0; i <= UNHEALTHY; i++) {
		if (text_starts(text, status_words[i]))
			h->status = i;
	}
	for (int i = 0; i < 2; i++) {
		while (*at && *at != ' ')
			at++;
		if (*at++ != ' ' || parse_decimal(at, i == 0 ? &h->streak : &h->count) < 0)
			return;
	}
}
