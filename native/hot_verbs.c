/* `state` and `kill`: src/runtime/state.ts, src/runtime/kill.ts. */
#include "hot.h"

#include <linux/fcntl.h>
#include "signals.gen.h"

#define PROT_READ_WRITE 3
#define MAP_PRIVATE_ANONYMOUS 0x22

static void add_member(struct out *out, const char *name, struct span value)
{
	out_text(out, out->length == 0 ? "{\n  \"" : ",\n  \"");
	out_text(out, name);
	out_text(out, "\": ");
	out_span(out, value);
}

/* An object of strings, each on a line of its own; nothing where there is none. */
static int add_annotations(struct out *out, struct span annotations)
{
	struct span inside, key, value;
	int count = 0, more;

	if (annotations.at == NULL)
		return 0;
	if (json_enter(annotations, &inside) < 0)
		return -1;
	while ((more = json_next(&inside, &key, &value)) > 0) {
		if (!json_is_text(value))
			return -1;
		out_text(out, count++ == 0 ? ",\n  \"annotations\": {\n    \"" : ",\n    \"");
		out_span(out, key);
		out_text(out, "\": ");
		out_span(out, value);
	}
	if (count > 0)
		out_text(out, "\n  }");
	return more;
}

static const char *const status_words[] = { "\"stopped\"", "\"created\"", "\"running\"", "\"paused\"" };

static int add_state(struct out *out, const struct container *c, int status)
{
	char pid[24];
	const char *word = status_words[status];

	put_number(pid, sizeof(pid), 0, status == STATUS_STOPPED ? 0 : c->pid);
	add_member(out, "ociVersion", c->oci_version);
	add_member(out, "id", c->id);
	add_member(out, "pid", (struct span){ pid, pid + strlen(pid) });
	add_member(out, "status", (struct span){ word, word + strlen(word) });
	add_member(out, "bundle", c->bundle);
	add_member(out, "rootfs", c->rootfs);
	add_member(out, "created", c->created);
	if (add_annotations(out, c->annotations) < 0)
		return -1;
	add_member(out, "owner", c->owner);
	out_text(out, "\n}\n");
	return out->full ? -1 : 0;
}

/* Each member needs fewer than ten bytes more than in the file. */
static size_t room_for(const struct container *c)
{
	size_t annotations = (size_t)(c->annotations.end - c->annotations.at);

	return 4 * annotations + 6 * sizeof(c->v2);
}

int hot_state(const struct hot_call *call)
{
	struct container c = { 0 };
	struct out out = { 0 };
	int status = container_open(&c, call, 0) < 0 ? -1 : container_status(&c);
	long memory;

	if (status < 0)
		return FOR_THE_ENGINE;
	out.size = room_for(&c);
	memory = SYS(mmap, NULL, out.size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
	if (memory < 0 && memory > -4096)
		return FOR_THE_ENGINE;
	out.text = (char *)memory;
	if (add_state(&out, &c, status) < 0 || write_all(1, out.text, out.length) < 0)
		return FOR_THE_ENGINE;
	return 0;
}

static char upper(char byte)
{
	return byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte;
}

static const char *behind_prefix(const char *text, const char *prefix)
{
	for (size_t i = 0; prefix[i] != '\0'; i++) {
		if (upper(text[i]) != prefix[i])
			return text;
	}
	return text + strlen(prefix);
}

/* The signals that have a name of their own, and numbers of up to two digits; -1 for the others. */
static long parse_signal(const char *text)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {
#define X(name, number) { #name, number },
		FOR_EACH_SIGNAL(X)
#undef X
	};
	uint64_t number;

	if (parse_decimal(text, &number) == 0) {
		size_t length = strlen(text);

		return length <= 2 && text[length - 1] >= '0' && text[length - 1] <= '9' && number >= 1 && number <= 64
			? (long)number : -1;
	}
	text = behind_prefix(text, "SIG");
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (*behind_prefix(text, signals[i].name) == '\0' && *text != '\0')
			return signals[i].number;
	}
	return -1;
}

/* With the first process of a pid namespace the kernel ends all others. Source: proc_pid_status(5), NSpid. */
static int first_in_its_namespace(uint64_t pid)
{
	char path[64], status[4096];
	size_t length = put_text(path, sizeof(path), 0, "/proc/");

	length = put_number(path, sizeof(path), length, pid);
	put_text(path, sizeof(path), length, "/status");
	if (read_small(AT_FDCWD, path, status, sizeof(status)) <= 0)
		return 0;
	for (const char *line = status; *line != '\0'; line++) {
		if (line == status || line[-1] != '\n' || !text_starts(line, "NSpid:"))
			continue;
		while (*line != '\0' && *line != '\n')
			line++;
		return line[-1] == '1' && line[-2] == '\t';
	}
	return 0;
}

int hot_kill(const struct hot_call *call)
{
	struct container c = { 0 };
	long number = parse_signal(call->signal == NULL ? "TERM" : call->signal);
	long pidfd, err = -1;

	if (number < 0 || container_open(&c, call, 0) < 0)
		return FOR_THE_ENGINE;
	if (number == 9 && !first_in_its_namespace(c.pid))
		return FOR_THE_ENGINE;
	pidfd = SYS(pidfd_open, c.pid, 0);
	if (pidfd < 0)
		return FOR_THE_ENGINE;
	if (process_alive(c.pid, c.start_time))
		err = SYS(pidfd_send_signal, pidfd, number, NULL, 0);
	SYS(close, pidfd);
	return err == 0 ? 0 : FOR_THE_ENGINE;
}
