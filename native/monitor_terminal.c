/* A client's own end: its terminal, its pipes, and the keys that end its attachment. Sources: termios(3), fcntl(2). */
#include "monitor.h"

#include <linux/fcntl.h>
#include <linux/stat.h>

/* Before the client hears that it is over: it may end at once, and its shell read the terminal. */
void restore_terminal(struct client *client)
{
	if (client->is_raw)
		(void)SYS(ioctl, client->input, TCSETS, &client->saved);
	client->is_raw = 0;
}

void make_raw(struct client *client)
{
	struct termios raw;

	if (client->input < 0 || SYS(ioctl, client->input, TCGETS, &client->saved) < 0)
		return;
	raw = client->saved;
	raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	client->is_raw = SYS(ioctl, client->input, TCSETS, &raw) == 0;
}

/* A terminal or pipe of its own open file description: O_NONBLOCK on the client's would change it for its shell, too. */
int without_blocking(int fd)
{
	struct statx info;
	char path[32];
	size_t at = put_text(path, sizeof(path), 0, "/proc/self/fd/");
	long own;

	if (fd < 0 || SYS(statx, fd, "", AT_EMPTY_PATH, STATX_TYPE, &info) < 0)
		return fd;
	if ((info.stx_mode & S_IFMT) != S_IFCHR && (info.stx_mode & S_IFMT) != S_IFIFO)
		return fd;
	put_number(path, sizeof(path), at, (uint64_t)fd);
	own = SYS(openat, AT_FDCWD, path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (own < 0)
		return fd;
	SYS(close, fd);
	return (int)own;
}

static int hex_value(char digit)
{
	return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

void read_keys(struct client *client, const char *hex)
{
	while (client->key_count < MAX_KEYS && hex_value(hex[0]) >= 0 && hex_value(hex[1]) >= 0) {
		client->keys[client->key_count++] = (char)(hex_value(hex[0]) * 16 + hex_value(hex[1]));
		hex += 2;
	}
}

/*
 * What of a client's input goes on to the container, from *data: keys that may be the first of those that end the attachment
 * wait for the next one, as docker has it. Before *data there is room for MAX_KEYS bytes, for those that waited.
 */
size_t pass_keys(struct client *client, char **data, size_t length, int *found)
{
	size_t waited = client->keys_seen, seen = 0;
	char *input = *data - waited;

	memcpy(input, client->keys, waited);
	length += waited;
	*data = input;
	*found = 0;
	for (size_t i = 0; client->key_count > 0 && i < length; i++) {
		if (input[i] != client->keys[seen])
			seen = 0;
		if (input[i] == client->keys[seen] && ++seen == client->key_count) {
			*found = 1;
			return i + 1 - seen;
		}
	}
	client->keys_seen = seen;
	return length - seen;
}
