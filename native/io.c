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
