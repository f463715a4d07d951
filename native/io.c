#include "io.h"

#include <linux/errno.h>
#include <linux/fcntl.h>

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
		err = SYS(renameat, AT_FDCWD, temporary, AT_FDCWD, file->path);
	}
	if (err < 0)
		SYS(unlinkat, AT_FDCWD, temporary, 0);
	return (int)err;
}
