/* Finds a kept plan, or asks the engine to keep one: plan_cache.h. */
#include "hot.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>

/* One for all state roots: a name beside the containers could be taken for one of them. */
#define DIRECTORY "/run/mydocker-runtime.plans"
/* Of a subject's hash, which has two of them: an entry takes the place of an earlier one, so that there are never more. */
#define ENTRIES 128
/* Hashes of subjects that were seen once, each with two places too: what never comes again is not kept. */
#define SEEN 512
#define SEEN_FILE "seen"
/* The variable that names another directory, or, with any other value, has every plan compiled. */
#define DIRECTORY_VARIABLE "MYDOCKER_PLAN_CACHE="

#define GRND_NONBLOCK 1
#define PROT_READ 1
#define MAP_PRIVATE 2

static char subject_text[1 << 18], state_text[1 << 16], image_text[1 << 18];

void plan_set(struct wanted_plan *plan, size_t parameter, const char *value)
{
	size_t length = value == NULL ? 0 : strlen(value);

	/* In a plan it stands inside JSON too: there what is in no need of escapes is the same. */
	for (size_t i = 0; i < length; i++) {
		if (value[i] < ' ' || value[i] > '~' || value[i] == '"' || value[i] == '\\')
			plan->subject.full = 1;
	}
	if (value != NULL)
		plan->parameters.values[parameter] = (struct span){ value, value + length };
	/* Names and paths have limits. */
	out_number(&plan->subject, length);
	out_byte(&plan->subject, '\n');
}

static void add_word(struct out *subject, const char *word)
{
	out_number(subject, strlen(word));
	out_byte(subject, ' ');
	out_text(subject, word);
	out_byte(subject, '\n');
}

static const char *directory_path = DIRECTORY;

/* Socket activation and notification are in no subject. */
static int read_environment(char **envp)
{
	for (; *envp != NULL; envp++) {
		if (text_starts(*envp, "LISTEN_FDS=") || text_starts(*envp, "NOTIFY_SOCKET="))
			return -1;
		if (!text_starts(*envp, DIRECTORY_VARIABLE))
			continue;
		directory_path = *envp + sizeof(DIRECTORY_VARIABLE) - 1;
		if (!is_plain_path(directory_path))
			return -1;
	}
	return 0;
}

static int is_path_or_absent(const char *path)
{
	return path == NULL || is_plain_path(path);
}

int plan_begin(struct wanted_plan *plan)
{
	const struct hot_call *call = plan->call;

	plan->subject = (struct out){ .text = subject_text, .size = sizeof(subject_text) };
	plan->parameters.count = FIRST_IDENTIFIER;
	if (call->systemd_cgroup || (call->cgroup_manager != NULL && text_equals(call->cgroup_manager, "systemd")) ||
	    (call->rootless != NULL && text_equals(call->rootless, "true")) ||
	    read_environment(plan->envp) < 0 || !is_path_or_absent(call->log) || !is_path_or_absent(call->pid_file) ||
	    !is_path_or_absent(call->console_socket))
		return -1;
	add_word(&plan->subject, call->verb);
	add_word(&plan->subject, call->root);
	add_word(&plan->subject, call->log_format == NULL ? "text" : call->log_format);
	add_word(&plan->subject, call->rootless == NULL ? "auto" : call->rootless);
	add_word(&plan->subject, call->cgroup_manager == NULL ? "cgroupfs" : call->cgroup_manager);
	for (int i = 0; i < call->word_count; i++)
		add_word(&plan->subject, call->words[i]);
	plan_set(plan, PARAMETER_ID, call->id);
	plan_set(plan, PARAMETER_LOG, call->log);
	plan_set(plan, PARAMETER_PID_FILE, call->pid_file);
	plan_set(plan, PARAMETER_CONSOLE, call->console_socket);
	return facts_add(&plan->subject);
}

/* FNV-1a: it only spreads; what an entry is of is compared in full. */
static uint64_t hash_of(const struct out *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text->length; i++)
		hash = (hash ^ (unsigned char)text->text[i]) * UINT64_C(0x100000001b3);
	return hash == 0 ? 1 : hash;
}

/* The caller's own, and nobody else's to look at or to change. */
static int is_private(long fd, uint16_t type)
{
	struct statx info = { 0 };

	return SYS(statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &info) == 0 && (info.stx_mode & S_IFMT) == type &&
	       (info.stx_mode & 077) == 0 && info.stx_uid == (uint32_t)SYS(geteuid);
}

static long open_directory(void)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	long fd = SYS(openat, AT_FDCWD, directory_path, flags, 0);

	if (fd == -ENOENT && SYS(mkdirat, AT_FDCWD, directory_path, 0700) == 0)
		fd = SYS(openat, AT_FDCWD, directory_path, flags, 0);
	if (fd < 0 || is_private(fd, S_IFDIR))
		return fd;
	SYS(close, fd);
	return -EPERM;
}

/* An entry that is missing or not private is empty. */
static struct span map_entry(long directory, const char *name)
{
	long fd = SYS(openat, directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	struct statx info = { 0 };
	long at = -1;

	if (fd < 0)
		return (struct span){ NULL, NULL };
	if (is_private(fd, S_IFREG) && SYS(statx, fd, "", AT_EMPTY_PATH, STATX_SIZE, &info) == 0 && info.stx_size > 0)
		at = SYS(mmap, NULL, info.stx_size, PROT_READ, MAP_PRIVATE, fd, 0);
	SYS(close, fd);
	if (at < 0 && at > -4096)
		return (struct span){ NULL, NULL };
	return (struct span){ (const char *)at, (const char *)at + info.stx_size };
}

/* Which of two places that are taken. By chance, because subjects with places in common would drive each other out for ever. */
static int either_place(void)
{
	unsigned char byte = 0;

	SYS(getrandom, &byte, 1, GRND_NONBLOCK);
	return byte & 1;
}

/* Whether the subject was seen before; notes that it has been. */
static int was_seen(long directory, uint64_t hash)
{
	long fd = SYS(openat, directory, SEEN_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	uint64_t hashes[2] = { 0, 0 }, at = (hash / ENTRIES) % (SEEN / 2) * sizeof(hashes);
	int seen = 0, place;

	if (fd < 0)
		return 0;
	if (is_private(fd, S_IFREG) && SYS(pread64, fd, hashes, sizeof(hashes), at) >= 0) {
		seen = hashes[0] == hash || hashes[1] == hash;
		place = hashes[0] == 0 ? 0 : hashes[1] == 0 ? 1 : either_place();
		if (!seen)
			(void)SYS(pwrite64, fd, &hash, sizeof(hash), at + (uint64_t)place * sizeof(hash));
	}
	SYS(close, fd);
	return seen;
}

static void put_entry_name(char *name, size_t size, uint64_t hash, int place)
{
	/* Where the last letters of a text alone differ, so do high bits more than low ones. */
	put_number(name, size, 0, (place == 0 ? hash >> 32 : hash >> 48) % ENTRIES);
}

/* The name of the entry to make: one that is not there yet, if possible. */
static void choose_entry(char *name, size_t size, long directory, uint64_t hash)
{
	for (int place = 0; place < 2; place++) {
		put_entry_name(name, size, hash, place);
		if (SYS(faccessat, directory, name, 0) < 0)
			return;
	}
	put_entry_name(name, size, hash, either_place());
}

static int add_to_request(int fd, const char *at, const char *end)
{
	return write_all(fd, at, (size_t)(end - at)) < 0 || write_all(fd, "", 1) < 0 ? -1 : 0;
}

/* The entry's path, the subject, and the parameters' values, each with a NUL behind it. src/apply/keep-plan.ts reads it. */
static void request(const struct wanted_plan *plan, const char *name)
{
	const struct parameters *parameters = &plan->parameters;
	long fd = SYS(memfd_create, "plan request", 0);
	char path[PATH_MAX];
	size_t length = put_text(path, sizeof(path), 0, directory_path);

	length = put_text(path, sizeof(path), length, "/");
	length = put_text(path, sizeof(path), length, name);
	if (fd < 0 || length + 1 == sizeof(path))
		return;
	if (add_to_request((int)fd, path, path + length) < 0 ||
	    add_to_request((int)fd, plan->subject.text, plan->subject.text + plan->subject.length) < 0)
		return;
	for (size_t i = 0; i < parameters->count; i++) {
		if (add_to_request((int)fd, parameters->values[i].at, parameters->values[i].end) < 0)
			return;
	}
	SYS(lseek, fd, 0, 0);
	plan_request = (int)fd;
}

static int fill(const struct wanted_plan *plan, struct span entry, struct out *state, struct out *image)
{
	struct span subject = { plan->subject.text, plan->subject.text + plan->subject.length };
	struct kept kept;

	if (entry.at == NULL || !kept_read(entry, subject, &kept))
		return 0;
	*state = (struct out){ .text = state_text, .size = sizeof(state_text) };
	*image = (struct out){ .text = image_text, .size = sizeof(image_text) };
	kept_fill(state, kept.state, &plan->parameters);
	kept_fill(image, kept.image, &plan->parameters);
	return 1;
}

int plan_find(struct wanted_plan *plan, struct out *state, struct out *image)
{
	char name[24];
	uint64_t hash;
	long directory;

	if (plan->subject.full)
		return -1;
	directory = open_directory();
	if (directory < 0)
		return -1;
	hash = hash_of(&plan->subject);
	for (int place = 0; place < 2; place++) {
		put_entry_name(name, sizeof(name), hash, place);
		if (fill(plan, map_entry(directory, name), state, image)) {
			SYS(close, directory);
			return state->full || image->full || image->length == 0 ? -1 : 0;
		}
	}
	if (was_seen(directory, hash)) {
		choose_entry(name, sizeof(name), directory, hash);
		request(plan, name);
	}
	SYS(close, directory);
	return -1;
}
