#include "io.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>

int write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		long n = SYS(write, fd, at, size);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int read_small(int dir, const char *path, char *buffer, size_t size)
{
	long fd = SYS(openat, dir, path, O_RDONLY | O_CLOEXEC, 0);
	size_t length = 0;

	if (fd < 0)
		return (int)fd;
	while (length + 1 < size) {
		long n = SYS(read, fd, buffer + length, size - 1 - length);

		if (n == -EINTR)
			continue;
		if (n <= 0) {
			SYS(close, fd);
			buffer[length] = '\0';
			return n < 0 ? (int)n : (int)length;
		}
		length += (size_t)n;
	}
	SYS(close, fd);
	buffer[length] = '\0';
	return (int)length;
}

/*
 * ext4 begins to write a file to the disk when a rename puts it in another's place, and whoever removes it next waits
 * until it is there, 0.4 to 4 ms. An exchange of the names does not; not every file system has it.
 */
static long put_in_place(const struct replacement *file, const char *temporary)
{
	if (file->is_passing && SYS(renameat2, AT_FDCWD, temporary, AT_FDCWD, file->path, RENAME_EXCHANGE) == 0)
		return SYS(unlinkat, AT_FDCWD, temporary, 0);
	return SYS(renameat, AT_FDCWD, temporary, AT_FDCWD, file->path);
}

int replace_file(const struct replacement *file, const char *temporary, const char **call)
{
	long fd = SYS(openat, AT_FDCWD, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file->mode), err;

	*call = "open";
	if (fd < 0)
		return (int)fd;
	*call = "write";
	err = write_all((int)fd, file->text, file->size);
	if (err == 0 && file->is_durable)
		err = SYS(fsync, fd);
	SYS(close, fd);
	if (err == 0) {
		*call = "rename";
		err = put_in_place(file, temporary);
	}
	if (err < 0)
		SYS(unlinkat, AT_FDCWD, temporary, 0);
	return (int)err;
}
