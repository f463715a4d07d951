/*
 * The side of a terminal that a person sits at. `pty run ROWS COLUMNS PROGRAM ARG…` starts a program on a new
 * terminal; `pty receive SOCKET` takes a terminal (or another descriptor) that is sent to a new socket, as a caller of
 * `create --console-socket` does.
 *
 * Standard output: what the terminal shows. Standard input: a command a line, "type TEXT" (with \n, \r, \\ and \xNN),
 * "resize ROWS COLUMNS" or "hangup". Descriptor 3: events, a line of JSON each.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "json.h"

enum { LINE_MAX_BYTES = 4096 };

static void die(const char *what)
{
	fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
	exit(99);
}

/* Unescapes in place; returns the new length. */
static size_t unescape(char *text)
{
	char *to = text;

	for (char *from = text; *from != '\0'; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		from++;
		if (*from == 'x') {
			char digits[3] = { from[1], from[2], '\0' };

			*to++ = (char)strtol(digits, NULL, 16);
			from += 2;
		} else {
			*to++ = *from == 'n' ? '\n' : *from == 'r' ? '\r' : *from;
		}
	}
	return (size_t)(to - text);
}

/* Returns the master, or -1 once it is closed. */
static int obey(char *line, int master)
{
	struct winsize size = { 0 };

	if (strncmp(line, "type ", 5) == 0) {
		size_t length = unescape(line + 5);

		if (write(master, line + 5, length) < 0)
			die("write to the terminal");
	} else if (sscanf(line, "resize %hu %hu", &size.ws_row, &size.ws_col) == 2) {
		if (ioctl(master, TIOCSWINSZ, &size) < 0)
			die("resize");
	} else if (strcmp(line, "hangup") == 0) {
		close(master);
		return -1;
	}
	return master;
}

/* Reads commands line by line; a long line is two. Returns 0 at the end of input. */
static int take_commands(int *master)
{
	static char line[LINE_MAX_BYTES];
	static size_t length;
	char byte;

	if (read(0, &byte, 1) <= 0)
		return 0;
	if (byte != '\n' && length < LINE_MAX_BYTES - 1) {
		line[length++] = byte;
		return 1;
	}
	line[length] = '\0';
	length = 0;
	*master = obey(line, *master);
	return 1;
}

/* Copies what is there; returns 0 when the other side is gone. */
static int show_output(int master)
{
	char buffer[4096];
	ssize_t count = read(master, buffer, sizeof(buffer));

	if (count <= 0)
		return count < 0 && errno == EAGAIN;
	for (ssize_t done = 0; done < count;) {
		ssize_t written = write(1, buffer + done, (size_t)(count - done));

		if (written < 0)
			die("write");
		done += written;
	}
	return 1;
}

static volatile sig_atomic_t child_ended;

static void on_child(int number)
{
	(void)number;
	child_ended = 1;
}

static void relay(int master)
{
	struct pollfd fds[2] = { { .fd = master, .events = POLLIN }, { .fd = 0, .events = POLLIN } };

	while (!child_ended) {
		/* A time limit, because the signal may come just before the call. */
		if (poll(fds, 2, 50) < 0)
			continue;
		if (fds[1].revents != 0 && !take_commands(&master))
			fds[1].fd = -1;
		if (master == -1 && fds[0].fd != -1)
			fds[0].fd = -1;
		else if (fds[0].revents != 0 && !show_output(master))
			break;
	}
	if (master == -1)
		return;
	fcntl(master, F_SETFL, O_NONBLOCK);
	while (poll(fds, 1, 0) > 0 && (fds[0].revents & POLLIN) != 0 && show_output(master))
		continue;
}

static pid_t start_on(int terminal, char **argv)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	signal(SIGCHLD, SIG_DFL);
	setsid();
	ioctl(terminal, TIOCSCTTY, 0);
	dup2(terminal, 0);
	dup2(terminal, 1);
	dup2(terminal, 2);
	close_range(3, ~0U, 0);
	execvp(argv[0], argv);
	die(argv[0]);
	return -1;
}

static int is_same_mode(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
	       a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc)) == 0;
}

static int run_program(char **argv)
{
	struct winsize size = { .ws_row = (unsigned short)atoi(argv[0]), .ws_col = (unsigned short)atoi(argv[1]) };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios before, after;
	int terminal, status = 0;
	pid_t child;

	if (master < 0 || unlockpt(master) < 0)
		die("open a terminal");
	/* Kept open, so that its mode can be read after the program has ended. */
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0 || ioctl(master, TIOCSWINSZ, &size) < 0 || tcgetattr(terminal, &before) < 0)
		die("open the terminal's other side");
	signal(SIGCHLD, on_child);
	child = start_on(terminal, argv + 2);
	json_open(NULL, '{');
	json_int("pid", child);
	json_close('}');
	json_end_line();
	relay(master);
	waitpid(child, &status, 0);
	tcgetattr(terminal, &after);
	json_open(NULL, '{');
	json_int("status", WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	json_bool("isModeRestored", is_same_mode(&before, &after));
	json_close('}');
	json_end_line();
	return 0;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		die(path);
	}
	strcpy(address.sun_path, path);
	if (fd < 0 || bind(fd, (void *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0)
		die(path);
	return fd;
}

static void print_received(const char *name, size_t length, int fd)
{
	char path[40], info[4096];
	FILE *file;
	size_t count = 0;
	struct winsize size = { 0 };

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	if (file != NULL) {
		count = fread(info, 1, sizeof(info), file);
		fclose(file);
	}
	ioctl(fd, TIOCGWINSZ, &size);
	json_open(NULL, '{');
	json_string_n("message", name, length);
	json_bool("isatty", isatty(fd));
	json_string_n("fdinfo", info, count);
	json_int("rows", size.ws_row);
	json_int("columns", size.ws_col);
	json_close('}');
	json_end_line();
}

static int receive(const char *path)
{
	char name[4096], control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { .iov_base = name, .iov_len = sizeof(name) };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	int connection = accept4(listen_at(path), NULL, NULL, SOCK_CLOEXEC), fd;
	ssize_t length = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	if (length < 0 || header == NULL || header->cmsg_type != SCM_RIGHTS)
		die("no descriptor came");
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	print_received(name, (size_t)length, fd);
	close(connection);
	relay(fd);
	return 0;
}

int main(int argc, char **argv)
{
	json_out = fdopen(3, "w");
	if (json_out == NULL)
		die("descriptor 3");
	fcntl(3, F_SETFD, FD_CLOEXEC);
	/* Never outlives the test. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc > 4 && strcmp(argv[1], "run") == 0)
		return run_program(argv + 2);
	if (argc == 3 && strcmp(argv[1], "receive") == 0)
		return receive(argv[2]);
	fprintf(stderr, "usage: pty run ROWS COLUMNS PROGRAM ARG... | pty receive SOCKET\n");
	return 99;
}
