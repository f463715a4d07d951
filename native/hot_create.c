/* `run` and `create` with a kept plan: src/runtime/create.ts, src/runtime/prepare.ts, src/state/store.ts. */
#include "hot.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>
#include <linux/time_types.h>

#define LOCK_EX 2
#define AT_REMOVEDIR 0x200
#define CLOCK_REALTIME 0

static char config_text[1 << 17];

/* A relative path, or NULL, is meant from the current directory; ".." is for the engine, which takes it by name. */
static long open_bundle(const char *path)
{
	if (path == NULL || *path == '\0')
		path = ".";
	for (const char *at = path; *at != '\0'; at++) {
		if (at[0] == '.' && at[1] == '.')
			return -EINVAL;
	}
	return SYS(openat, AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
}

/* Where an open directory is, without symbolic links. */
static int canonical_path(long fd, char *path, size_t size)
{
	struct statx info = { 0 };
	char link[64];
	size_t at = put_text(link, sizeof(link), 0, "/proc/self/fd/");
	long length;

	put_number(link, sizeof(link), at, (uint64_t)fd);
	length = SYS(readlinkat, AT_FDCWD, link, path, size - 1);
	if (length <= 1 || length == (long)size - 1 || path[0] != '/')
		return -1;
	path[length] = '\0';
	/* One that has been removed is shown with a word behind it. */
	return SYS(statx, fd, "", AT_EMPTY_PATH, STATX_NLINK, &info) == 0 && info.stx_nlink > 0 ? 0 : -1;
}

/* Read and not mapped: the bundle's owner could make it shorter meanwhile. */
static int read_config(long bundle, struct span *config)
{
	struct statx info = { 0 };
	int n;

	if (SYS(statx, bundle, "config.json", 0, STATX_TYPE, &info) < 0 || (info.stx_mode & S_IFMT) != S_IFREG)
		return -1;
	n = read_small((int)bundle, "config.json", config_text, sizeof(config_text));
	if (n <= 0 || n + 1 == (int)sizeof(config_text))
		return -1;
	*config = (struct span){ config_text, config_text + n };
	return 0;
}

static int find_rootfs(long bundle, struct span config, char *path, size_t size)
{
	struct span root, text;
	long fd;
	int err;

	if (json_member(config, "root", &root) < 0 || root.at == NULL || json_member(root, "path", &text) < 0 ||
	    json_plain(text, path, size) < 0 || path[0] == '\0')
		return -1;
	fd = SYS(openat, bundle, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	err = canonical_path(fd, path, size);
	SYS(close, fd);
	return err;
}

/* Days since 1970 as a date of the Gregorian calendar, with years from March on. */
static void write_date(struct out *out, uint64_t days)
{
	uint64_t since = days + 719468, era = since / 146097, of_era = since % 146097;
	uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	uint64_t from_march = (5 * of_year + 2) / 153, month = from_march < 10 ? from_march + 3 : from_march - 9;
	uint64_t day = of_year - (153 * from_march + 2) / 5 + 1;

	out_number(out, era * 400 + year + (month <= 2));
	out_text(out, month < 10 ? "-0" : "-");
	out_number(out, month);
	out_text(out, day < 10 ? "-0" : "-");
	out_number(out, day);
}

/* Now, as Date.toISOString() has it: "2026-11-28T12:34:56.789Z". */
static void write_now(char *text, size_t size)
{
	struct out out = { .text = text, .size = size };
	struct __kernel_timespec now = { 0, 0 };
	uint64_t seconds, parts[3];

	SYS(clock_gettime, CLOCK_REALTIME, &now);
	seconds = (uint64_t)now.tv_sec;
	parts[0] = seconds / 3600 % 24;
	parts[1] = seconds / 60 % 60;
	parts[2] = seconds % 60;
	write_date(&out, seconds / 86400);
	for (size_t i = 0; i < 3; i++) {
		out_text(&out, i == 0 ? "T" : ":");
		out_text(&out, parts[i] < 10 ? "0" : "");
		out_number(&out, parts[i]);
	}
	/* The 1 in front keeps the zeros. */
	seconds = out.length;
	out_number(&out, 1000 + (uint64_t)now.tv_nsec / 1000000);
	text[seconds] = '.';
	out_text(&out, "Z");
	out_byte(&out, '\0');
}

static int create_file(long directory, const char *name, struct span text)
{
	long fd = SYS(openat, directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int err;

	if (fd < 0)
		return -1;
	err = write_all((int)fd, text.at, (size_t)(text.end - text.at));
	SYS(close, fd);
	return err;
}

static int fill_directory(long directory, struct span state, struct span config)
{
	static const char temporary[] = ".state.json.new";
	long err;

	do {
		err = SYS(flock, directory, LOCK_EX);
	} while (err == -EINTR);
	/* Who creates the journal owns the directory, which others may remove until then. */
	if (err < 0 || create_file(directory, "journal.jsonl", (struct span){ "", "" }) < 0)
		return -1;
	if (create_file(directory, temporary, state) < 0 ||
	    SYS(renameat, directory, temporary, directory, "state.json") < 0 ||
	    create_file(directory, "config.json", config) < 0) {
		static const char *const names[] = { temporary, "config.json", "state.json", "journal.jsonl" };

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			SYS(unlinkat, directory, names[i], 0);
		return -1;
	}
	return 0;
}

/* Claims the id: the new directory's descriptor, which holds its lock, or -1 with nothing left. */
static int claim(const struct hot_call *call, long root, struct span state, struct span config)
{
	long directory;

	if (SYS(mkdirat, root, call->id, 0700) < 0)
		return -1;
	directory = SYS(openat, root, call->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (directory >= 0 && fill_directory(directory, state, config) == 0)
		return (int)directory;
	if (directory >= 0)
		SYS(close, directory);
	SYS(unlinkat, root, call->id, AT_REMOVEDIR);
	return -1;
}

static void give_up(const struct hot_call *call, long root, long directory)
{
	static const char *const names[] = { "config.json", "journal.jsonl", "state.json" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		SYS(unlinkat, directory, names[i], 0);
	SYS(close, directory);
	SYS(unlinkat, root, call->id, AT_REMOVEDIR);
}

static struct span span_of(const struct out *out)
{
	return (struct span){ out->text, out->text + out->length };
}

/* The subject of this bundle; -1 for one that is the engine's. */
static int look_at_bundle(struct wanted_plan *plan, struct span *config)
{
	static char bundle[PATH_MAX], rootfs[PATH_MAX], created[32];
	long fd = open_bundle(plan->call->bundle);

	if (fd < 0 || canonical_path(fd, bundle, sizeof(bundle)) < 0 || read_config(fd, config) < 0 ||
	    find_rootfs(fd, *config, rootfs, sizeof(rootfs)) < 0)
		return -1;
	SYS(close, fd);
	write_now(created, sizeof(created));
	plan_set(plan, PARAMETER_CREATED, created);
	plan_set(plan, PARAMETER_BUNDLE, bundle);
	plan_set(plan, PARAMETER_ROOTFS, rootfs);
	subject_config(&plan->subject, &plan->parameters, *config);
	return 0;
}

int hot_create(const struct hot_call *call, char **envp)
{
	static struct wanted_plan plan;
	struct out state, image;
	struct span config;
	long root;
	int directory;

	plan.call = call;
	plan.envp = envp;
	if (plan_begin(&plan) < 0 || look_at_bundle(&plan, &config) < 0 || plan_find(&plan, &state, &image) < 0)
		return FOR_THE_ENGINE;
	root = SYS(openat, AT_FDCWD, call->root, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (root < 0)
		return FOR_THE_ENGINE;
	directory = claim(call, root, span_of(&state), config);
	if (directory < 0)
		return FOR_THE_ENGINE;
	plan_hand_over(&plan, &image, directory);
	give_up(call, root, directory);
	return FOR_THE_ENGINE;
}
