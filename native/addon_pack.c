/*
 * Small regular files, packed with one call each: the header, the content, and the zeros behind it. What a ustar header
 * cannot tell, or tells in two parts, is left to src/engine/archive/tar-writer.ts. Source: pax(1).
 */
#define _GNU_SOURCE
#include "addon_tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#define BLOCK 512
#define MAX_NAME 100
#define MAX_OCTAL_8 07777777LL
#define MAX_OCTAL_12 077777777777LL

/* What the header tells, in this order; see src/sys/tree.ts. */
enum number { P_MODE, P_UID, P_GID, P_SIZE, P_SECONDS, P_COUNT };

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link_name[100];
	char magic[8], owner[32], group[32], major[8], minor[8], prefix[155], padding[12];
};

static int is_plain_name(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++) {
		if (name[i] < 0x20 || name[i] > 0x7e)
			return 0;
	}
	return length <= MAX_NAME;
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

static void put_header(struct header *header, const char *name, const double *n)
{
	unsigned int sum = 0;

	memset(header, 0, sizeof(*header));
	memcpy(header->name, name, strlen(name));
	put_octal(header->mode, 8, n[P_MODE]);
	put_octal(header->uid, 8, n[P_UID]);
	put_octal(header->gid, 8, n[P_GID]);
	put_octal(header->size, 12, n[P_SIZE]);
	put_octal(header->mtime, 12, n[P_SECONDS]);
	put_octal(header->major, 8, 0);
	put_octal(header->minor, 8, 0);
	header->type = '0';
	memcpy(header->magic, "ustar\0" "00", sizeof(header->magic));
	memset(header->checksum, ' ', sizeof(header->checksum));
	for (size_t i = 0; i < sizeof(*header); i++)
		sum += ((const unsigned char *)header)[i];
	put_octal(header->checksum, 7, sum);
}

_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

/* Returns how much of the buffer it took, 0 where it is not for this function, -1 with errno. */
static ssize_t pack(int fd, const char *path, const double *n, char *data, size_t room)
{
	size_t size = (size_t)n[P_SIZE], padded = (size + BLOCK - 1) / BLOCK * BLOCK;
	ssize_t length;

	if (padded + BLOCK > room || flistxattr(fd, NULL, 0) > 0)
		return 0;
	put_header((struct header *)(void *)data, path, n);
	length = read_into(fd, data + BLOCK, size, 0);
	/* A file that shrank meanwhile is filled up: its size was told already. */
	if (length >= 0)
		memset(data + BLOCK + length, 0, padded - (size_t)length);
	return length < 0 ? -1 : (ssize_t)(padded + BLOCK);
}

/* The position behind the file; undefined where it has to be packed in another way. */
napi_value addon_treePack(struct call *call)
{
	char name[PATH_SIZE], path[PATH_SIZE];
	size_t count, length;
	const double *n = doubles_argument(call, 3, &count);
	char *data = buffer_argument(call, 4, &length);
	int64_t position = long_argument(call, 5);
	ssize_t taken;
	int fd;

	if (bytes_argument(call, 1, name) < 0 || bytes_argument(call, 2, path) < 0)
		return fail(call, "openat", NULL);
	if (count != P_COUNT || position < 0 || (size_t)position > length || !is_plain_name(path) ||
	    !fits(n[P_UID], MAX_OCTAL_8) || !fits(n[P_GID], MAX_OCTAL_8) || !fits(n[P_SECONDS], MAX_OCTAL_12) ||
	    !fits(n[P_SIZE], (long long)length))
		return NULL;
	fd = open_regular(int_argument(call, 0), name);
	if (fd < 0)
		return fail(call, "openat", NULL);
	taken = pack(fd, path, n, data + position, length - (size_t)position);
	close_keeping_errno(fd);
	if (taken < 0)
		return fail(call, "pread", NULL);
	return taken == 0 ? NULL : int_result(call, position + taken);
}
