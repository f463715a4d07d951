/*
 * Small regular files of a listing, packed in a row: the header, the content, and the zeros behind it. What a ustar header
 * cannot tell, or tells in two parts, is left to src/engine/archive/tree-packer.ts. Source: pax(1).
 */
#define _GNU_SOURCE
#include "addon_tree.h"
#include "tar_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAX_NAME 100
#define MAX_OCTAL_8 07777777LL
#define MAX_OCTAL_12 077777777777LL

/* What headers tell in place of what the files have, in this order; -1 where it stays. See src/sys/tree.ts. */
enum override { O_UID, O_GID, O_SECONDS, O_COUNT };

struct packer {
	int directory;
	const double *overrides;
	/* Of the files in the archive; a name is put behind the prefix. */
	char path[MAX_NAME + 1];
	size_t prefix_length;
	char *buffer;
	size_t size, position;
	double bytes;
};

/* Puts the name behind the prefix; 0 where it takes more than the header's field. */
static int fits_path(struct packer *packer, const char *name)
{
	size_t length = strlen(name);

	if (packer->prefix_length + length > MAX_NAME)
		return 0;
	memcpy(packer->path + packer->prefix_length, name, length + 1);
	for (const char *letter = packer->path; *letter != '\0'; letter++) {
		if (*letter < 0x20 || *letter > 0x7e)
			return 0;
	}
	return 1;
}

static int fits(double value, long long max)
{
	return value >= 0 && value <= (double)max;
}

static void put_octal(char *field, int size, double value)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%0*llo", size - 1, (unsigned long long)value);
	memcpy(field, digits, (size_t)size);
}

static double overridden(double override, double value)
{
	return override < 0 ? value : override;
}

/* Returns 0 where an owner or a time does not fit. */
static int put_header(struct tar_header *header, const struct packer *packer, const double *facts)
{
	double uid = overridden(packer->overrides[O_UID], facts[F_UID]);
	double gid = overridden(packer->overrides[O_GID], facts[F_GID]);
	double seconds = overridden(packer->overrides[O_SECONDS], facts[F_SECONDS]);
	unsigned int sum = 0;

	if (!fits(uid, MAX_OCTAL_8) || !fits(gid, MAX_OCTAL_8) || !fits(seconds, MAX_OCTAL_12))
		return 0;
	memset(header, 0, sizeof(*header));
	memcpy(header->name, packer->path, strlen(packer->path));
	put_octal(header->mode, 8, (mode_t)facts[F_MODE] & 07777);
	put_octal(header->uid, 8, uid);
	put_octal(header->gid, 8, gid);
	put_octal(header->size, 12, facts[F_SIZE]);
	put_octal(header->mtime, 12, seconds);
	put_octal(header->major, 8, 0);
	put_octal(header->minor, 8, 0);
	header->type = '0';
	memcpy(header->magic, "ustar\0" "00", sizeof(header->magic));
	memset(header->checksum, ' ', sizeof(header->checksum));
	for (size_t i = 0; i < sizeof(*header); i++)
		sum += ((const unsigned char *)header)[i];
	put_octal(header->checksum, 7, sum);
	return 1;
}

/* Returns 0 where the file is not for this function, or cannot be read. */
static int pack_open(struct packer *packer, int fd, const double *facts)
{
	size_t size = (size_t)facts[F_SIZE], padded = (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	char *data = packer->buffer + packer->position;
	ssize_t length;

	if (padded + TAR_BLOCK > packer->size - packer->position || flistxattr(fd, NULL, 0) > 0 ||
	    !put_header((struct tar_header *)(void *)data, packer, facts))
		return 0;
	length = read_into(fd, data + TAR_BLOCK, size, 0);
	if (length < 0)
		return 0;
	/* A file that shrank meanwhile is filled up: its size was told already. */
	memset(data + TAR_BLOCK + length, 0, padded - (size_t)length);
	packer->position += padded + TAR_BLOCK;
	packer->bytes += facts[F_SIZE];
	return 1;
}

/* As pack_open. What is gone meanwhile is left out. */
static int pack_file(struct packer *packer, const char *name, const double *facts)
{
	int fd, result;

	if (!S_ISREG((mode_t)facts[F_MODE]) || facts[F_LINKS] > 1 || facts[F_SIZE] > (double)packer->size ||
	    !fits_path(packer, name))
		return 0;
	fd = open_regular(packer->directory, name);
	if (fd < 0)
		return errno == ENOENT;
	result = pack_open(packer, fd, facts);
	close(fd);
	return result;
}

/* The arguments but the files; 0 where the prefix leaves no room for a name. */
static int read_packer(struct call *call, struct packer *packer)
{
	size_t count;
	const char *prefix = buffer_argument(call, 1, &packer->prefix_length);
	int64_t position = long_argument(call, 7);

	packer->directory = int_argument(call, 0);
	packer->overrides = doubles_argument(call, 5, &count);
	packer->buffer = buffer_argument(call, 6, &packer->size);
	packer->position = (size_t)position;
	if (count != O_COUNT || position < 0 || packer->position > packer->size || packer->prefix_length >= MAX_NAME)
		return 0;
	if (packer->prefix_length > 0)
		memcpy(packer->path, prefix, packer->prefix_length);
	return 1;
}

/* [the index of the file that is next, the position behind those that were packed, the bytes of their content] */
napi_value addon_treePackFiles(struct call *call)
{
	struct packer packer = { .bytes = 0 };
	size_t names_length, count;
	const char *names = buffer_argument(call, 2, &names_length);
	const double *rows = doubles_argument(call, 3, &count);
	size_t index = (size_t)long_argument(call, 4);
	int is_packed = read_packer(call, &packer);

	for (; is_packed && index < count / F_LISTED; index += (size_t)is_packed) {
		const double *row = rows + index * F_LISTED;

		is_packed = pack_file(&packer, names + (size_t)row[F_NAME], row);
	}
	return doubles_result(call, (double[]){ (double)index, (double)packer.position, packer.bytes }, 3);
}
