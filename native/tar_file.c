#define _GNU_SOURCE
#include "tar_file.h"

#include <string.h>

/* Longer ones come in parts; see WHOLE_BYTES in src/engine/archive/tar-reader.ts. */
#define MAX_LENGTH ((unsigned long long)1 << 20)

/* Digits, after spaces if there are any, up to a NUL, a space or the end of the field. Base 256 and what is damaged are not read. */
static int read_octal(const char *field, size_t size, unsigned long long max, unsigned long long *value)
{
	size_t at = 0;

	while (at < size && field[at] == ' ')
		at++;
	for (*value = 0; at < size && field[at] != '\0' && field[at] != ' '; at++) {
		if (field[at] < '0' || field[at] > '7')
			return 0;
		*value = *value * 8 + (unsigned long long)(field[at] - '0');
	}
	return *value <= max;
}

static int has_right_sum(const struct tar_header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	unsigned long long stored;
	unsigned int sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += bytes[i];
	for (size_t i = 0; i < sizeof(header->checksum); i++)
		sum = sum - (unsigned char)header->checksum[i] + ' ';
	return read_octal(header->checksum, sizeof(header->checksum), ~0U, &stored) && stored == sum;
}

static int read_numbers(struct tar_file *file)
{
	const struct tar_header *header = file->header;
	unsigned long long mode, uid, gid, length, seconds;

	/* The last id stands for "no id". Source: chown(2). */
	if (!read_octal(header->mode, sizeof(header->mode), ~0U, &mode) ||
	    !read_octal(header->uid, sizeof(header->uid), ~0U - 1, &uid) ||
	    !read_octal(header->gid, sizeof(header->gid), ~0U - 1, &gid) ||
	    !read_octal(header->size, sizeof(header->size), MAX_LENGTH, &length) ||
	    !read_octal(header->mtime, sizeof(header->mtime), ~0ULL >> 1, &seconds))
		return 0;
	file->mode = (mode_t)mode & 07777;
	file->uid = (uid_t)uid;
	file->gid = (gid_t)gid;
	file->length = (size_t)length;
	file->seconds = (time_t)seconds;
	return 1;
}

/* Each of its names, one after the other. */
static int is_plain_path(const char *path)
{
	for (;;) {
		size_t length = strcspn(path, "/");

		/* "." and "..", and ".wh.", which says that something is hidden. */
		if (length == 0 || (path[0] == '.' && (length == 1 || path[1] == '.' || path[1] == 'w')))
			return 0;
		if (path[length] == '\0')
			return 1;
		path += length + 1;
	}
}

int tar_plain_file(const char *buffer, size_t size, size_t at, struct tar_file *file)
{
	char path[TAR_PATH_SIZE];
	size_t padded;
	char type;

	if (at > size || size - at < TAR_BLOCK)
		return 0;
	file->header = (const struct tar_header *)(const void *)(buffer + at);
	type = file->header->type;
	file->is_directory = type == '5';
	if ((type != '0' && type != '\0' && type != '5') || !has_right_sum(file->header) || !read_numbers(file))
		return 0;
	/* What is told there of a directory is no length of data. */
	if (file->is_directory)
		file->length = 0;
	tar_file_path(file, path);
	padded = (file->length + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	file->data = buffer + at + TAR_BLOCK;
	file->end = at + TAR_BLOCK + padded;
	return padded <= size - at - TAR_BLOCK && is_plain_path(path);
}

void tar_file_path(const struct tar_file *file, char path[TAR_PATH_SIZE])
{
	const struct tar_header *header = file->header;
	size_t prefix = 0, name = strnlen(header->name, sizeof(header->name));
	size_t skipped, end;

	/* GNU tar, whose magic goes on with a space, has something else there. */
	if (memcmp(header->magic, "ustar", sizeof("ustar")) == 0)
		prefix = strnlen(header->prefix, sizeof(header->prefix));
	memcpy(path, header->prefix, prefix);
	if (prefix > 0)
		path[prefix++] = '/';
	memcpy(path + prefix, header->name, name);
	end = prefix + name;
	if (file->is_directory && end > 0 && path[end - 1] == '/')
		end--;
	path[end] = '\0';
	skipped = strncmp(path, "./", 2) == 0 ? 2 : 0;
	memmove(path, path + skipped, end + 1 - skipped);
}
