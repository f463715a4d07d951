/* Files in memory: what is handed to the static program, and the static program itself. */
#define _GNU_SOURCE
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

/* Linux 6.3; before it every memfd could be executed. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x10u
#endif

#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, ALL_SEALS);
}

/* Read from its start by whoever gets it. */
napi_value addon_memfdFromText(struct call *call)
{
	char name[PATH_SIZE];
	size_t length;
	char *text;
	int fd;

	if (path_argument(call, 0, name) < 0)
		return fail(call, "memfd_create", name);
	text = text_argument(call, 1, &length);
	if (text == NULL)
		return fail(call, "memfd_create", name);
	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd >= 0 && (write_all(fd, text, length) < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
			(bool_argument(call, 2) && seal(fd) < 0))) {
		close_keeping_errno(fd);
		fd = -1;
	}
	free(text);
	return fd < 0 ? fail(call, "memfd_create", name) : int_result(call, fd);
}

static int copy_file(int from, int to)
{
	struct stat info;

	if (fstat(from, &info) < 0)
		return -1;
	while (info.st_size > 0) {
		ssize_t n = sendfile(to, from, NULL, (size_t)info.st_size);

		if (n < 0)
			return -1;
		if (n == 0) { /* it shrank meanwhile */
			errno = EIO;
			return -1;
		}
		info.st_size -= n;
	}
	return 0;
}

/*
 * A sealed copy of a program: the container, which can reach it through /proc/1/exe, cannot write to what the host
 * runs next (CVE-2019-5736).
 */
napi_value addon_memfdFromFile(struct call *call)
{
	char name[PATH_SIZE], path[PATH_SIZE];
	int from, to;

	if (path_argument(call, 0, name) < 0)
		return fail(call, "memfd_create", name);
	if (path_argument(call, 1, path) < 0)
		return fail(call, "open", path);
	from = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (from < 0)
		return fail(call, "open", path);
	to = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (to < 0 && errno == EINVAL)
		to = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (to >= 0 && (fchmod(to, 0500) < 0 || copy_file(from, to) < 0 || seal(to) < 0)) {
		close_keeping_errno(to);
		to = -1;
	}
	close_keeping_errno(from);
	return to < 0 ? fail(call, "memfd_create", path) : int_result(call, to);
}
