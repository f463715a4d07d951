/* `start`: src/runtime/start.ts. */
#include "hot.h"
#include "sockets.h"

#include <linux/errno.h>
#include <linux/fcntl.h>

static int connect_start(const struct container *c)
{
	struct sockaddr_unix address = { .family = AF_UNIX };
	size_t length = put_text(address.path, sizeof(address.path), 0, "/proc/self/fd/");
	long fd = SYS(socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long err;

	if (fd < 0)
		return -1;
	length = put_number(address.path, sizeof(address.path), length, (uint64_t)c->directory);
	put_text(address.path, sizeof(address.path), length, "/start.sock");
	err = SYS(connect, fd, &address, sizeof(address));
	if (err < 0)
		SYS(close, fd);
	return err < 0 ? -1 : (int)fd;
}

/* Up to the end of file, which is the command's execve, or its end. */
static size_t read_answer(int socket, char *answer, size_t size)
{
	size_t length = 0;

	while (length < size) {
		long n = SYS(read, socket, answer + length, size - length);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			break;
		length += (size_t)n;
	}
	SYS(close, socket);
	return length;
}

/*
 * The init has told why the command cannot run, and cannot be asked again. The engine says it in words, with
 * "report-failure start ID failure FD STATUS" and the line's other flags; it takes the lock by itself.
 */
static int report(const struct hot_call *call, const struct container *c, const char *answer, size_t length, char **envp)
{
	long fd = SYS(memfd_create, "failure", 0);
	char descriptor[24];
	char *words[MAX_WORDS];
	int count = 0;

	if (fd < 0 || write_all((int)fd, answer, length) < 0 || call->argc + 6 > MAX_WORDS)
		return 1;
	SYS(lseek, fd, 0, 0);
	put_number(descriptor, sizeof(descriptor), 0, (uint64_t)fd);
	for (int i = 0; i < call->argc; i++) {
		if (i != call->verb_at && i != call->id_at)
			words[count++] = call->argv[i];
	}
	words[count++] = "report-failure";
	words[count++] = "start";
	words[count++] = call->argv[call->id_at];
	words[count++] = "failure";
	words[count++] = descriptor;
	words[count++] = "1";
	words[count] = NULL;
	SYS(close, c->directory);
	become_engine(words, envp);
	return 1;
}

static int is_ready(const struct container *c)
{
	struct span config, process;

	return container_status(c) == STATUS_CREATED && container_map(c, "config.json", &config) == 0 &&
	       json_member(config, "process", &process) == 0 && process.at != NULL && *process.at == '{' &&
	       container_has_hooks(config, "poststart") == 0;
}

/* The engine hands on that the container is ready. */
static int has_notify_socket(char **envp)
{
	for (; *envp; envp++) {
		if (text_starts(*envp, "NOTIFY_SOCKET="))
			return 1;
	}
	return 0;
}

int hot_start(const struct hot_call *call, char **envp)
{
	static char answer[1 << 16];
	struct container c = { 0 };
	size_t length;
	int socket;

	if (call->argc + 6 > MAX_WORDS || has_notify_socket(envp) || container_open(&c, call, 1) < 0)
		return FOR_THE_ENGINE;
	socket = is_ready(&c) ? connect_start(&c) : -1;
	if (socket < 0) {
		SYS(close, c.directory);
		return FOR_THE_ENGINE;
	}
	length = read_answer(socket, answer, sizeof(answer));
	if (length != 1 || answer[0] != 'E')
		return report(call, &c, answer, length, envp);
	SYS(unlinkat, c.directory, "start.sock", 0);
	return 0;
}
