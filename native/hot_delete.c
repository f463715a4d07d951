/* `delete` of a container that has stopped: src/apply/destroy.ts, src/apply/undo.ts, src/state/store.ts. */
#include "hot.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/time_types.h>

#define AT_REMOVEDIR 0x200
#define BUSY_ATTEMPTS 10

struct entry {
	char undo[32];
	char path[4096];
	uint64_t pid, start_time;
};

static int parse_entry(struct span line, struct entry *entry)
{
	struct span value;

	if (json_member(line, "undo", &value) < 0 || json_plain(value, entry->undo, sizeof(entry->undo)) < 0)
		return -1;
	if (!text_equals(entry->undo, "kill"))
		return json_member(line, "path", &value) < 0 ? -1 : json_plain(value, entry->path, sizeof(entry->path));
	if (json_member(line, "pid", &value) < 0 || json_count(value, &entry->pid) < 0)
		return -1;
	return json_member(line, "startTime", &value) < 0 ? -1 : json_count(value, &entry->start_time);
}

/* A cgroup without processes, or one that is gone. */
static int is_empty_cgroup(const char *path)
{
	char file[4096 + 32], pids[32];
	size_t length = put_text(file, sizeof(file), 0, path);
	int n;

	put_text(file, sizeof(file), length, "/cgroup.procs");
	n = read_small(AT_FDCWD, file, pids, sizeof(pids));
	return n == 0 || n == -ENOENT;
}

/* Whether nothing is in the way of undoing the entry, and this program knows how to. */
static int look(const struct entry *entry)
{
	if (text_equals(entry->undo, "kill"))
		return process_alive(entry->pid, entry->start_time) ? -1 : 0;
	if (text_equals(entry->undo, "cgroup.rmdir"))
		return is_empty_cgroup(entry->path) ? 0 : -1;
	return text_equals(entry->undo, "cgroup.release") || text_equals(entry->undo, "unlink") ||
	       text_equals(entry->undo, "rmdir") || text_equals(entry->undo, "rdt.rmdir") ||
	       text_equals(entry->undo, "rootfs.remove") ? 0 : -1;
}

/* A cgroup stays busy for a moment after its last process. */
static long remove_cgroup(const char *path)
{
	struct __kernel_timespec moment = { 0, 1000000 };
	long err = SYS(unlinkat, AT_FDCWD, path, AT_REMOVEDIR);

	for (int attempt = 1; err == -EBUSY && attempt < BUSY_ATTEMPTS; attempt++) {
		SYS(nanosleep, &moment, NULL);
		err = SYS(unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
	}
	return err;
}

/* What outlives a container that was created is left alone: its class of service, what was made inside its root. */
static int undo(const struct entry *entry)
{
	long err = 0;

	if (text_equals(entry->undo, "cgroup.rmdir"))
		err = remove_cgroup(entry->path);
	else if (text_equals(entry->undo, "unlink"))
		err = SYS(unlinkat, AT_FDCWD, entry->path, 0);
	else if (text_equals(entry->undo, "rmdir"))
		err = SYS(unlinkat, AT_FDCWD, entry->path, AT_REMOVEDIR);
	else if (text_equals(entry->undo, "cgroup.release"))
		err = SYS(unlinkat, AT_FDCWD, entry->path, AT_REMOVEDIR);
	if (text_equals(entry->undo, "cgroup.release") && (err == -EBUSY || err == -ENOTEMPTY))
		err = 0;
	return err < 0 && err != -ENOENT ? -1 : 0;
}

/* From the last line to the first; what stands behind the last newline was never done. */
static int for_each_entry(struct span journal, int (*action)(const struct entry *))
{
	const char *end = journal.end;

	while (end > journal.at && end[-1] != '\n')
		end--;
	while (end > journal.at) {
		struct entry entry = { 0 };
		const char *start = end - 1;

		while (start > journal.at && start[-1] != '\n')
			start--;
		if (parse_entry((struct span){ start, end - 1 }, &entry) < 0 || action(&entry) < 0)
			return -1;
		end = start;
	}
	return 0;
}

/* The state goes last, so that a container whose removal is interrupted can be deleted again. */
static const char *const files[] = { "config.json", "journal.jsonl", "start.sock", "state.json" };

struct directory_entry {
	uint64_t inode, offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

static int is_known(const char *name)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (text_equals(name, files[i]))
			return 1;
	}
	return text_equals(name, ".") || text_equals(name, "..");
}

/* Files of others, such as a killed writer's, are for the engine. */
static int has_known_files_only(const struct container *c)
{
	_Alignas(8) char buffer[2048];
	long n;

	while ((n = SYS(getdents64, c->directory, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < n;) {
			const struct directory_entry *entry = (const struct directory_entry *)(buffer + at);

			if (!is_known(entry->name))
				return 0;
			at += entry->length;
		}
	}
	return n == 0;
}

static int remove_state(const struct hot_call *call, const struct container *c)
{
	char path[4096 + 256 + 2];
	size_t length = put_text(path, sizeof(path), 0, call->root);
	long err = 0;

	length = put_text(path, sizeof(path), length, "/");
	put_text(path, sizeof(path), length, call->id);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && (err == 0 || err == -ENOENT); i++)
		err = SYS(unlinkat, c->directory, files[i], 0);
	if (err == 0 || err == -ENOENT)
		err = SYS(unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
	return err == 0 || err == -ENOENT ? 0 : -1;
}

static int remove_container(const struct hot_call *call, const struct container *c)
{
	struct span config, journal;

	if (container_status(c) != STATUS_STOPPED || container_map(c, "config.json", &config) < 0 ||
	    container_has_hooks(config, "poststop") != 0 || container_map(c, "journal.jsonl", &journal) < 0)
		return -1;
	if (!has_known_files_only(c) || for_each_entry(journal, look) < 0 || for_each_entry(journal, undo) < 0)
		return -1;
	return remove_state(call, c);
}

int hot_delete(const struct hot_call *call)
{
	struct container c = { 0 };
	int err;

	if (container_open(&c, call, 1) < 0)
		return FOR_THE_ENGINE;
	err = remove_container(call, &c);
	SYS(close, c.directory);
	return err < 0 ? FOR_THE_ENGINE : 0;
}
