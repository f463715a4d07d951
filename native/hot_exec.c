/* `exec` with a kept plan: src/runtime/exec.ts. */
#include "hot.h"

#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>

static char process_text[1 << 17];

/* The members that do not differ between containers that are made in the same way. */
static int add_state(struct wanted_plan *plan, const struct container *c)
{
	static char text[1 << 16];
	struct out out = { .text = text, .size = sizeof(text) };
	struct span state, inside, key, value;
	uint64_t pid = 0, start_time = 0;
	int more;

	if (container_map(c, "state.json", &state) < 0 || json_enter(state, &inside) < 0)
		return -1;
	out_byte(&out, '{');
	while ((more = json_next(&inside, &key, &value)) > 0) {
		if (span_is(key, "pid") && json_count(value, &pid) == 0)
			continue;
		if (span_is(key, "startTime") && json_count(value, &start_time) == 0)
			continue;
		if (span_is(key, "id") || span_is(key, "created"))
			continue;
		out_text(&out, out.length == 1 ? "\"" : ",\"");
		out_span(&out, key);
		out_text(&out, "\":");
		out_span(&out, value);
	}
	out_byte(&out, '}');
	/* It may have been replaced since its status was found. */
	if (more < 0 || out.full || pid != c->pid || start_time != c->start_time)
		return -1;
	subject_config(&plan->subject, &plan->parameters, (struct span){ text, text + out.length });
	return 0;
}

/* Which namespaces are not the caller's own. A user namespace is for the engine: what can be done there depends on it. */
static int add_namespaces(struct out *subject, uint64_t pid)
{
	static const char *const names[] = { "mnt", "cgroup", "uts", "ipc", "pid", "net", "time", "user" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64], theirs[64] = { 0 }, own[64] = { 0 };
		size_t length = put_text(path, sizeof(path), 0, "/proc/");

		length = put_number(path, sizeof(path), length, pid);
		length = put_text(path, sizeof(path), length, "/ns/");
		put_text(path, sizeof(path), length, names[i]);
		if (SYS(readlinkat, AT_FDCWD, path, theirs, sizeof(theirs) - 1) <= 0)
			return -1;
		length = put_text(path, sizeof(path), 0, "/proc/self/ns/");
		put_text(path, sizeof(path), length, names[i]);
		if (SYS(readlinkat, AT_FDCWD, path, own, sizeof(own) - 1) <= 0)
			return -1;
		out_text(subject, text_equals(theirs, own) ? "own " : "other ");
		if (text_equals(names[i], "user") && !text_equals(theirs, own))
			return -1;
	}
	out_byte(subject, '\n');
	return 0;
}

/* A v2 cgroup that gives controllers to others takes no processes: where they go then is for the engine to find. */
static int takes_processes(const struct container *c)
{
	char path[sizeof(c->v2) + 32], controllers[256];
	size_t length = put_text(path, sizeof(path), 0, c->v2);

	if (length == 0)
		return 1;
	put_text(path, sizeof(path), length, "/cgroup.subtree_control");
	return read_small(AT_FDCWD, path, controllers, sizeof(controllers)) >= 0 &&
	       (controllers[0] == '\0' || text_equals(controllers, "\n"));
}

static int add_process(struct wanted_plan *plan)
{
	const struct hot_call *call = plan->call;
	struct statx info = { 0 };
	int n = 0;

	for (int i = call->id_at + 1; i < call->argc; i++) {
		out_number(&plan->subject, strlen(call->argv[i]));
		out_byte(&plan->subject, ' ');
		out_text(&plan->subject, call->argv[i]);
		out_byte(&plan->subject, '\n');
	}
	if (call->process == NULL)
		return call->id_at + 1 < call->argc ? 0 : -1;
	/* Read and not mapped: its owner could make it shorter meanwhile. */
	if (!is_plain_path(call->process) || SYS(statx, AT_FDCWD, call->process, 0, STATX_TYPE, &info) < 0 ||
	    (info.stx_mode & S_IFMT) != S_IFREG)
		return -1;
	n = read_small(AT_FDCWD, call->process, process_text, sizeof(process_text));
	return n <= 0 || n + 1 == (int)sizeof(process_text) ? -1 : n;
}

static void set_number(struct wanted_plan *plan, size_t parameter, char *text, size_t size, uint64_t number)
{
	size_t length = put_number(text, size, 0, number);

	plan->parameters.values[parameter] = (struct span){ text, text + length };
}

static int look_at_container(struct wanted_plan *plan, const struct container *c)
{
	static char pid[24], start_time[24];
	struct span config;
	int process;

	if (container_status(c) != STATUS_RUNNING || !takes_processes(c) || container_map(c, "config.json", &config) < 0 ||
	    add_namespaces(&plan->subject, c->pid) < 0)
		return -1;
	process = add_process(plan);
	if (process < 0 || add_state(plan, c) < 0)
		return -1;
	set_number(plan, PARAMETER_PID, pid, sizeof(pid), c->pid);
	set_number(plan, PARAMETER_START_TIME, start_time, sizeof(start_time), c->start_time);
	subject_config(&plan->subject, &plan->parameters, config);
	subject_config(&plan->subject, &plan->parameters, (struct span){ process_text, process_text + process });
	return 0;
}

int hot_exec(const struct hot_call *call, char **envp)
{
	static struct wanted_plan plan;
	static struct container c;
	struct out state, image;
	int found;

	plan.call = call;
	plan.envp = envp;
	if (plan_begin(&plan) < 0 || container_open(&c, call, 0) < 0)
		return FOR_THE_ENGINE;
	found = look_at_container(&plan, &c) == 0 && plan_find(&plan, &state, &image) == 0;
	SYS(close, c.directory);
	if (found)
		plan_hand_over(&plan, &image, -1);
	return FOR_THE_ENGINE;
}
