/*
 * Plain files of an archive, made in a tree, as many at once as there are in a row, by several threads: most of what an
 * image is made of. Sources: openat2(2), fchown(2), futimens(3).
 */
#define _GNU_SOURCE
#include "addon_tree.h"
#include "tar_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILES 1024
#define THREADS 2
/* Fewer are not worth a thread. */
#define MIN_FILES_OF_THREAD 16

/* What one thread makes; the others stop when one has failed. */
struct unpacking {
	int root;
	const struct tar_file *files;
	size_t count;
	/* How many of them, from the first on, are there by this thread. */
	size_t made;
	atomic_int *has_failed;
	uid_t uid;
	gid_t gid;
	/* The directory of the last file, by its path. */
	int parent;
	char parent_path[TAR_PATH_SIZE];
};

/* Nothing is replaced meanwhile, so that a path stays that of the same directory. */
static int parent_of(struct unpacking *unpacking, char *path, const char **name)
{
	char *slash = strrchr(path, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash - path);

	*name = slash == NULL ? path : slash + 1;
	if (unpacking->parent >= 0 && strlen(unpacking->parent_path) == length &&
	    memcmp(unpacking->parent_path, path, length) == 0)
		return unpacking->parent;
	if (unpacking->parent >= 0)
		close(unpacking->parent);
	memcpy(unpacking->parent_path, path, length);
	unpacking->parent_path[length] = '\0';
	unpacking->parent = open_parent(unpacking->root, path, name, 1);
	return unpacking->parent;
}

/* Looking costs less than setting what is so already. A change of owner takes set-id bits away: the mode comes last. */
static int set_owner_and_mode(int fd, const struct tar_file *file)
{
	struct stat made;

	if (fstat(fd, &made) < 0)
		return -1;
	if ((made.st_uid != file->uid || made.st_gid != file->gid) && fchown(fd, file->uid, file->gid) < 0)
		return -1;
	return (made.st_mode & 07777) == file->mode ? 0 : fchmod(fd, file->mode);
}

static int fill_file(int fd, const struct tar_file *file)
{
	struct timespec times[2] = { { .tv_sec = file->seconds }, { .tv_sec = file->seconds } };

	if (file->length > 0 && write_all(fd, file->data, file->length) < 0)
		return -1;
	return set_owner_and_mode(fd, file) < 0 ? -1 : futimens(fd, times);
}

/* Until its owner is right nobody else may open it. */
static int make_plain_file(struct unpacking *unpacking, const struct tar_file *file)
{
	mode_t mode = file->uid == unpacking->uid && file->gid == unpacking->gid ? file->mode & 0777 : 0600;
	char path[TAR_PATH_SIZE];
	const char *name;
	int parent, fd, result;

	tar_file_path(file, path);
	parent = parent_of(unpacking, path, &name);
	fd = parent < 0 ? -1 : openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -1;
	unpacking->made++;
	result = fill_file(fd, file);
	close(fd);
	return result;
}

static void *unpack(void *argument)
{
	struct unpacking *unpacking = argument;

	for (size_t i = 0; i < unpacking->count && !atomic_load(unpacking->has_failed); i++) {
		if (make_plain_file(unpacking, &unpacking->files[i]) < 0)
			atomic_store(unpacking->has_failed, 1);
	}
	if (unpacking->parent >= 0)
		close(unpacking->parent);
	return NULL;
}

/* So that those who make them one by one find what was there before, except for directories that they would make as well. */
static void remove_made(const struct unpacking *unpacking)
{
	for (size_t i = 0; i < unpacking->made; i++) {
		char path[TAR_PATH_SIZE];
		const char *name;
		int parent;

		tar_file_path(&unpacking->files[i], path);
		parent = open_parent(unpacking->root, path, &name, 0);
		if (parent < 0)
			continue;
		(void)unlinkat(parent, name, 0);
		close(parent);
	}
}

/* Each thread has a row of its own, so that two are seldom in the same directory. Returns whether all were made. */
static int unpack_all(int root, const struct tar_file *files, size_t count)
{
	struct unpacking parts[THREADS];
	size_t threads = count < 2 * MIN_FILES_OF_THREAD ? 1 : THREADS;
	atomic_int has_failed = 0;

	for (size_t i = 0; i < threads; i++) {
		size_t start = count * i / threads, end = count * (i + 1) / threads;

		parts[i] = (struct unpacking){ .root = root, .files = files + start, .count = end - start,
					       .has_failed = &has_failed, .uid = geteuid(), .gid = getegid(),
					       .parent = -1 };
	}
	run_in_threads(unpack, parts, sizeof(*parts), threads);
	for (size_t i = 0; i < threads && has_failed; i++)
		remove_made(&parts[i]);
	return !has_failed;
}

/*
 * [where it stopped, how many files there were, the bytes of their content, 1 where they were made]. Files are made where
 * nothing is, in no order; when that fails for one, because something has its name already, or two are the same, or the
 * kernel refuses it, none is there, and the caller makes them one by one in their order, and learns which failed and why.
 */
napi_value addon_treeUnpackFiles(struct call *call)
{
	struct tar_file files[MAX_FILES];
	int root = int_argument(call, 0);
	size_t size, count = 0, bytes = 0, end;
	const char *buffer = buffer_argument(call, 1, &size);
	int is_made;

	end = (size_t)long_argument(call, 2);
	while (count < MAX_FILES && tar_plain_file(buffer, size, end, &files[count])) {
		end = files[count].end;
		bytes += files[count++].length;
	}
	is_made = unpack_all(root, files, count);
	return doubles_result(call, (double[]){ (double)end, (double)count, (double)bytes, is_made }, 4);
}
