/* A container's state.json, and what the kernel says of it: src/state/schema.ts and src/state/liveness.ts. */
#include "hot.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>

#define START_SOCKET "start.sock"
#define LOCK_EX 2
#define PROT_READ 1
#define MAP_PRIVATE 2

int container_map(const struct container *c, const char *name, struct span *text)
{
	long fd = SYS(openat, c->directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	struct statx info = { 0 };
	long at = -EINVAL;

	if (fd < 0)
		return -1;
	if (SYS(statx, fd, "", AT_EMPTY_PATH, STATX_SIZE, &info) == 0 && info.stx_size > 0)
		at = SYS(mmap, NULL, info.stx_size, PROT_READ, MAP_PRIVATE, fd, 0);
	SYS(close, fd);
	if (at < 0 && at > -4096)
		return -1;
	text->at = (const char *)at;
	text->end = text->at + info.stx_size;
	return 0;
}

/*
 * A file whole, with one read(2): what the kernel writes itself comes so, and state.json would be no valid text otherwise.
 * Its length, or a negative errno.
 */
static long read_whole(long directory, const char *path, char *buffer, size_t size)
{
	long fd = SYS(openat, directory, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0), n;

	if (fd < 0)
		return fd;
	do {
		n = SYS(read, fd, buffer, size - 1);
	} while (n == -EINTR);
	SYS(close, fd);
	buffer[n < 0 ? 0 : n] = '\0';
	return n;
}

/* v1 holds a directory for each controller; the freezer's alone is asked for something. */
static int read_cgroup(struct container *c, struct span value)
{
	struct span inside, key, path;
	int more;

	if (json_enter(value, &inside) < 0)
		return -1;
	while ((more = json_next(&inside, &key, &path)) > 0) {
		struct span freezer;

		if (span_is(key, "v2")) {
			if (json_plain(path, c->v2, sizeof(c->v2)) < 0)
				return -1;
		} else if (span_is(key, "scope")) {
			continue; /* only its removal is different, which the journal tells */
		} else if (!span_is(key, "v1") || json_member(path, "freezer", &freezer) < 0) {
			return -1;
		} else if (freezer.at != NULL && json_plain(freezer, c->freezer, sizeof(c->freezer)) < 0) {
			return -1;
		}
	}
	return more;
}

/* Each member that a state has, where it goes, and whether it must be there. */
static int read_member(struct container *c, struct span key, struct span value, unsigned *seen)
{
	const struct {
		const char *name;
		struct span *text;
	} texts[] = { { "id", &c->id },
		      { "ociVersion", &c->oci_version },
		      { "bundle", &c->bundle },
		      { "rootfs", &c->rootfs },
		      { "created", &c->created },
		      { "owner", &c->owner } };

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (span_is(key, texts[i].name)) {
			*texts[i].text = value;
			*seen |= 1u << i;
			return json_is_text(value) ? 0 : -1;
		}
	}
	if (span_is(key, "pid"))
		return json_count(value, &c->pid);
	if (span_is(key, "startTime"))
		return json_count(value, &c->start_time);
	if (span_is(key, "version"))
		return span_is(value, "1") ? 0 : -1;
	if (span_is(key, "phase"))
		return span_is(value, "\"created\"") ? 0 : -1;
	if (span_is(key, "cgroup"))
		return read_cgroup(c, value);
	if (span_is(key, "annotations")) {
		c->annotations = value;
		return 0;
	}
	return span_is(key, "noNewKeyring") ? 0 : -1;
}

#define ALL_TEXTS 0x3fu
/* And pid, startTime, version, phase, cgroup. */
#define OTHER_MEMBERS 5

static int read_state(struct container *c, const char *id, struct span text)
{
	struct span inside, key, value;
	unsigned seen = 0;
	int count = 0, more;

	c->v2[0] = c->freezer[0] = '\0';
	c->annotations = (struct span){ NULL, NULL };
	if (json_enter(text, &inside) < 0)
		return -1;
	while ((more = json_next(&inside, &key, &value)) > 0) {
		if (read_member(c, key, value, &seen) < 0)
			return -1;
		count += !span_is(key, "annotations") && !span_is(key, "noNewKeyring");
	}
	if (more < 0 || seen != ALL_TEXTS || count != 6 + OTHER_MEMBERS || c->pid == 0)
		return -1;
	return (size_t)(c->id.end - c->id.at) == strlen(id) + 2 && memcmp(c->id.at + 1, id, strlen(id)) == 0 ? 0 : -1;
}

/* Waits for the lock; the directory may have been removed meanwhile. */
static int lock(const struct container *c)
{
	struct statx info = { 0 };
	long err;

	do {
		err = SYS(flock, c->directory, LOCK_EX);
	} while (err == -EINTR);
	if (err == 0)
		err = SYS(statx, c->directory, "", AT_EMPTY_PATH, STATX_NLINK, &info);
	return err < 0 || info.stx_nlink == 0 ? -1 : 0;
}

int container_open(struct container *c, const struct hot_call *call, int locked)
{
	long root = SYS(openat, AT_FDCWD, call->root, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	long directory = root < 0 ? root : SYS(openat, root, call->id, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	struct span text;

	if (root >= 0)
		SYS(close, root);
	if (directory < 0)
		return -1;
	c->directory = (int)directory;
	put_text(c->socket, sizeof(c->socket), 0, START_SOCKET);
	if ((!locked || lock(c) == 0) && container_map(c, "state.json", &text) == 0 && read_state(c, call->id, text) == 0)
		return 0;
	/* And with it the lock, for which the engine may have to wait. */
	SYS(close, directory);
	return -1;
}

/* A name in the container's directory as a path from the state root. */
static void put_path(char *path, size_t size, const char *id, const char *name)
{
	size_t length = put_text(path, size, 0, id);

	length = put_text(path, size, length, "/");
	put_text(path, size, length, name);
}

int container_read(struct container *c, int root, const char *id)
{
	static char text[1 << 20];
	char path[NAME_MAX + 32];
	long n;

	c->directory = root;
	put_path(c->socket, sizeof(c->socket), id, START_SOCKET);
	put_path(path, sizeof(path), id, "state.json");
	n = read_whole(root, path, text, sizeof(text));
	return n < 0 || n + 1 == (long)sizeof(text) ? -1 : read_state(c, id, (struct span){ text, text + n });
}

/* Fields 3 and 22; the second, in parentheses, can hold anything. Source: proc_pid_stat(5). */
int process_alive(uint64_t pid, uint64_t start_time)
{
	char path[64], stat[1024];
	size_t length = put_text(path, sizeof(path), 0, "/proc/");
	const char *at = NULL;
	uint64_t started;
	char state;

	length = put_number(path, sizeof(path), length, pid);
	put_text(path, sizeof(path), length, "/stat");
	if (read_whole(AT_FDCWD, path, stat, sizeof(stat)) <= 0)
		return 0;
	for (const char *each = stat; *each != '\0'; each++) {
		if (*each == ')')
			at = each;
	}
	if (at == NULL || at[1] == '\0')
		return 0;
	state = at[2];
	for (int spaces = 0; *at != '\0' && spaces < 20; at++)
		spaces += *at == ' ';
	return parse_decimal(at, &started) == 0 && started == start_time && state != 'Z' && state != 'X';
}

static int file_says(const char *directory, const char *file, const char *words, int anywhere)
{
	char path[4096 + 32], text[1024];
	size_t length;
	long n;

	if (directory[0] == '\0')
		return 0;
	length = put_text(path, sizeof(path), 0, directory);
	put_text(path, sizeof(path), length, file);
	n = read_whole(AT_FDCWD, path, text, sizeof(text));
	if (n < 0)
		return n == -ENOENT ? 0 : -1;
	for (const char *at = text; *at != '\0'; at++) {
		if (text_starts(at, words))
			return 1;
		if (!anywhere)
			break;
	}
	return 0;
}

int container_status(const struct container *c)
{
	struct statx info;
	int frozen;
	long err;

	if (!process_alive(c->pid, c->start_time))
		return STATUS_STOPPED;
	frozen = file_says(c->v2, "/cgroup.events", "frozen 1", 1);
	if (frozen == 0)
		frozen = file_says(c->freezer, "/freezer.state", "FR", 0);
	if (frozen != 0)
		return frozen < 0 ? -1 : STATUS_PAUSED;
	err = SYS(statx, c->directory, c->socket, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &info);
	if (err < 0 && err != -ENOENT)
		return -1;
	return err == 0 ? STATUS_CREATED : STATUS_RUNNING;
}

int container_has_hooks(struct span config, const char *kind)
{
	struct span hooks, list;

	if (json_member(config, "hooks", &hooks) < 0)
		return -1;
	if (hooks.at == NULL)
		return 0;
	return json_member(hooks, kind, &list) < 0 ? -1 : list.at != NULL;
}
