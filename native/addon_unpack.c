/*
 * Plain files of an archive, made in a tree, as many at once as there are in a row: the directories first, then the regular
 * files by several threads. They are most of what an image is made of. Sources: openat2(2), mkdirat(2), fchown(2), futimens(3).
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
	/* How many of them, from the first on, are there. */
	size_t done;
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
static int make_regular(struct unpacking *unpacking, const struct tar_file *file)
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
	result = fill_file(fd, file);
	if (result < 0)
		(void)unlinkat(parent, name, 0);
	close(fd);
	return result;
}

static void *unpack(void *argument)
{
	struct unpacking *unpacking = argument;

	while (unpacking->done < unpacking->count && !atomic_load(unpacking->has_failed)) {
		const struct tar_file *file = &unpacking->files[unpacking->done];

		if (!file->is_directory && make_regular(unpacking, file) < 0)
			atomic_store(unpacking->has_failed, 1);
		else
			unpacking->done++;
	}
	if (unpacking->parent >= 0)
		close(unpacking->parent);
	return NULL;
}

/* What is there already, also a directory, is left to who makes one after the other. */
static int make_plain_directory(int root, const struct tar_file *file)
{
	char path[TAR_PATH_SIZE];
	const char *name;
	int parent, result;

	tar_file_path(file, path);
	parent = open_parent(root, path, &name, 1);
	if (parent < 0)
		return -1;
	result = mkdirat(parent, name, 0700);
	if (result == 0 && (fchownat(parent, name, file->uid, file->gid, AT_SYMLINK_NOFOLLOW) < 0 ||
			    fchmodat(parent, name, file->mode, 0) < 0)) {
		(void)unlinkat(parent, name, AT_REMOVEDIR);
		result = -1;
	}
	close(parent);
	return result;
}

/* The last first, so that a directory is empty; one that would be made as well for what is below it may stay. */
static void remove_made(int root, const struct tar_file *files, size_t count, int are_directories)
{
	while (count-- > 0) {
		char path[TAR_PATH_SIZE];
		const char *name;
		int parent;

		if (files[count].is_directory != are_directories)
			continue;
		tar_file_path(&files[count], path);
		parent = open_parent(root, path, &name, 0);
		if (parent < 0)
			continue;
		(void)unlinkat(parent, name, are_directories ? AT_REMOVEDIR : 0);
		close(parent);
	}
}

/*
 * Each thread has a row of its own, so that two are seldom in the same directory. The directories are there.
 * Returns whether all were made; else none is.
 */
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
		remove_made(root, parts[i].files, parts[i].done, 0);
	if (has_failed)
		remove_made(root, files, count, 1);
	return !has_failed;
}

/* Fills `files` with those that follow each other, and makes their directories; tells how many there are. */
static size_t begin_files(int root, const char *buffer, size_t size, size_t at, struct tar_file *files)
{
	size_t count = 0;

	while (count < MAX_FILES && tar_plain_file(buffer, size, at, &files[count]) &&
	       (!files[count].is_directory || make_plain_directory(root, &files[count]) == 0))
		at = files[count++].end;
	return count;
}

enum unpacked { U_END, U_COUNT, U_BYTES, U_IS_MADE, U_DIRECTORIES };

/*
 * [where it stopped, how many files there were, the bytes of their content, 1 where they were made, where each directory's
 * header is]. Files are made where nothing is, in no order; when that fails for one, because something has its name
 * already, or two are the same, or the kernel refuses it, none is there, and the caller makes them one by one in their order,
 * and learns which failed and why. Directories' times are the caller's as well: they come last.
 */
napi_value addon_treeUnpackFiles(struct call *call)
{
	struct tar_file files[MAX_FILES];
	double unpacked[U_DIRECTORIES + MAX_FILES] = { 0 };
	int root = int_argument(call, 0);
	size_t size, count, results = U_DIRECTORIES;
	const char *buffer = buffer_argument(call, 1, &size);

	count = begin_files(root, buffer, size, (size_t)long_argument(call, 2), files);
	unpacked[U_END] = (double)(count == 0 ? (size_t)long_argument(call, 2) : files[count - 1].end);
	unpacked[U_COUNT] = (double)count;
	unpacked[U_IS_MADE] = unpack_all(root, files, count);
	for (size_t i = 0; i < count; i++) {
		unpacked[U_BYTES] += (double)files[i].length;
		if (files[i].is_directory)
			unpacked[results++] = (double)((const char *)files[i].header - buffer);
	}
	return doubles_result(call, unpacked, results);
}
