/* The entry of mydocker-netd: it goes into the background and serves. See netd.h. */
#include "netd.h"

#include <linux/signal.h>
#include <linux/time.h>

#define CLOSED 0xffffffffu

static struct waits waits;

uint64_t now_ms(void)
{
	struct timespec now = { 0, 0 };

	SYS(clock_gettime, CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint16_t to_network(unsigned int port)
{
	return (uint16_t)(port >> 8 | port << 8);
}

void fill_address(union address *to, const struct dns_address *from, unsigned int port)
{
	memset(to, 0, sizeof(*to));
	if (from->size == 4) {
		to->v4.sin_family = AF_INET;
		to->v4.sin_port = to_network(port);
		memcpy(&to->v4.sin_addr, from->bytes, 4);
	} else {
		to->v6.sin6_family = AF_INET6;
		to->v6.sin6_port = to_network(port);
		memcpy(&to->v6.sin6_addr, from->bytes, 16);
	}
}

uint32_t size_of(const union address *address)
{
	return address->family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
}

int same_peer(const union address *a, const union address *b)
{
	if (a->family != b->family)
		return 0;
	if (a->family == AF_INET)
		return a->v4.sin_port == b->v4.sin_port && memcmp(&a->v4.sin_addr, &b->v4.sin_addr, 4) == 0;
	return a->v6.sin6_port == b->v6.sin6_port && a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
	       memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, 16) == 0;
}

int connect_to(int type, const union address *to)
{
	long fd = SYS(socket, to->family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	long err;

	if (fd < 0)
		return (int)fd;
	err = SYS(connect, fd, to, size_of(to));
	if (err == 0 || err == -EINPROGRESS)
		return (int)fd;
	SYS(close, fd);
	return (int)err;
}

unsigned int wait_for(struct waits *w, int fd, short events)
{
	if (w->count == MAX_WAITS)
		return CLOSED;
	w->entries[w->count] = (struct pollfd){ .fd = fd, .events = events };
	return w->count++;
}

void wait_until(struct waits *w, uint64_t deadline)
{
	if (deadline < w->deadline)
		w->deadline = deadline;
}

short events_of(const struct waits *w, unsigned int index)
{
	return index < w->count ? w->entries[index].revents : 0;
}

int parse_number(const char *text)
{
	int value = 0;

	if (*text == '\0')
		return -1;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9' || value > 65535)
			return -1;
		value = value * 10 + (*text - '0');
	}
	return value > 65535 ? -1 : value;
}

static void wait_round(void)
{
	uint64_t now = now_ms();
	uint64_t ms = waits.deadline > now ? waits.deadline - now : 0;
	struct timespec timeout = { (long)(ms / 1000), (long)(ms % 1000) * 1000000 };
	long n = SYS(ppoll, waits.entries, waits.count, waits.deadline == UINT64_MAX ? NULL : &timeout, NULL, 0);

	for (unsigned int i = 0; n <= 0 && i < waits.count; i++)
		waits.entries[i].revents = 0;
}

static _Noreturn void serve(int is_dns)
{
	for (;;) {
		waits.count = 0;
		waits.deadline = UINT64_MAX;
		if (is_dns)
			dns_prepare(&waits);
		else
			proxy_prepare(&waits);
		relay_prepare(&waits);
		wait_round();
		/* Connections first: what the others start has no events yet. */
		relay_act(&waits);
		if (is_dns)
			dns_act(&waits);
		else
			proxy_act(&waits);
	}
}

static int write_pid(int dir_fd, const char *path, long pid)
{
	char text[24];
	size_t at = sizeof(text);
	long fd = SYS(openat, dir_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	long n;

	if (fd < 0)
		return (int)fd;
	text[--at] = '\n';
	do {
		text[--at] = (char)('0' + pid % 10);
		pid /= 10;
	} while (pid > 0);
	n = SYS(write, fd, text + at, sizeof(text) - at);
	SYS(close, fd);
	return n == (long)(sizeof(text) - at) ? 0 : -EIO;
}

/* Away from the caller's session, directory and streams: its output ends when its first process does. */
static void settle(void)
{
	long null = SYS(openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);

	SYS(setsid);
	SYS(chdir, "/");
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		SYS(dup3, null, fd, 0);
}

int main(int argc, char **argv, char **envp)
{
	int is_dns, err;
	long pid;

	(void)envp;
	if (argc < 4)
		return EINVAL;
	is_dns = strlen(argv[1]) == 3 && memcmp(argv[1], "dns", 3) == 0;
	err = is_dns ? dns_configure(argv + 3) : proxy_configure(argv + 3);
	if (err < 0)
		return -err;
	/* fork(2): the flags are the signal of the child's end. */
	pid = SYS(clone, 17 /* SIGCHLD */, 0, 0, 0, 0);
	if (pid < 0)
		return (int)-pid;
	if (pid > 0) {
		err = write_pid(AT_FDCWD, argv[2], pid);
		if (err < 0)
			SYS(kill, pid, 9);
		return -err;
	}
	settle();
	serve(is_dns);
}
