/* Listings of directories: the names as bytes, and numbers for each, so that a long one costs no object for every file. */
#define _GNU_SOURCE
#include "addon_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

typedef double row[F_LISTED];

struct listing {
	/* Each with its NUL. */
	char *names;
	size_t names_length, names_room;
	row *rows;
	size_t count, room;
	int with_file_xattrs;
};

static int grow(void *array, size_t *room, size_t wanted, size_t size)
{
	void **memory = array, *larger;

	if (wanted <= *room)
		return 0;
	wanted += wanted / 2 + 64;
	larger = realloc(*memory, wanted * size);
	if (larger == NULL)
		return -1;
	*memory = larger;
	*room = wanted;
	return 0;
}

/* What is gone between being listed and being looked at is left out. */
static int add_entry(struct listing *listing, int directory, const char *name)
{
	size_t length = strlen(name) + 1;
	double *numbers;

	if (grow(&listing->rows, &listing->room, listing->count + 1, sizeof(row)) < 0 ||
	    grow(&listing->names, &listing->names_room, listing->names_length + length, 1) < 0)
		return -1;
	numbers = listing->rows[listing->count];
	if (look_at(directory, name, listing->with_file_xattrs, numbers) < 0)
		return errno == ENOENT ? 0 : -1;
	numbers[F_NAME] = (double)listing->names_length;
	memcpy(listing->names + listing->names_length, name, length);
	listing->names_length += length;
	listing->count++;
	return 0;
}

static int read_entries(struct listing *listing, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int result = 0;

	if (stream == NULL)
		return -1;
	while (result == 0 && (entry = readdir(stream)) != NULL)
		if (!is_dot_or_dots(entry->d_name))
			result = add_entry(listing, fd, entry->d_name);
	closedir(stream);
	return result;
}

static int by_name(const void *left, const void *right, void *names)
{
	const double *one = left, *other = right;

	return strcmp((char *)names + (size_t)one[F_NAME], (char *)names + (size_t)other[F_NAME]);
}

static napi_value listing_result(struct call *call, int fd, const struct listing *listing)
{
	napi_value result = NULL, names = NULL;

	napi_create_buffer_copy(call->env, listing->names_length, listing->names_length > 0 ? listing->names : "", NULL,
				&names);
	napi_create_array_with_length(call->env, 3, &result);
	napi_set_element(call->env, result, 0, int_result(call, fd));
	napi_set_element(call->env, result, 1, names);
	napi_set_element(call->env, result, 2,
			 doubles_result(call, (const double *)listing->rows, listing->count * F_LISTED));
	return result;
}

/* [the directory's descriptor, the names in it, the numbers of each], in the order of the names' bytes. */
napi_value addon_treeList(struct call *call)
{
	struct listing listing = { .with_file_xattrs = bool_argument(call, 2) };
	napi_value result;
	char name[PATH_SIZE];
	int fd;

	if (bytes_argument(call, 1, name) < 0)
		return fail(call, "openat", NULL);
	fd = openat(int_argument(call, 0), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail(call, "openat", NULL);
	if (read_entries(&listing, fd) < 0) {
		close_keeping_errno(fd);
		result = fail(call, "readdir", NULL);
	} else {
		if (listing.count > 0)
			qsort_r(listing.rows, listing.count, sizeof(row), by_name, listing.names);
		result = listing_result(call, fd, &listing);
	}
	free(listing.rows);
	free(listing.names);
	return result;
}
