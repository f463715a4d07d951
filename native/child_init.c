/*
 * What `run --init` puts before a container's command: docker-init -- COMMAND [ARGUMENT...]
 *
 * The first process of a container starts the command, forwards every signal to it, reaps whatever is left to it, and ends
 * as the command did. Source: pid_namespaces(7), "The namespace init process".
 */
#include "sys.h"

#include <linux/errno.h>
#include <linux/wait.h>

#define SIGCHLD 17
#define SIGTTIN 21
#define SIGTTOU 22
#define SIG_SETMASK 2
#define TIOCSCTTY 0x540E
#define TIOCSPGRP 0x5410
#define PATH_SIZE 4096

static int starts(const char *text, const char *prefix)
{
	while (*prefix) {
		if (*text++ != *prefix++)
			return 0;
	}
	return 1;
}

static int has_slash(const char *text)
{
	while (*text && *text != '/')
		text++;
	return *text == '/';
}

/* Tries each directory of PATH; the last error other than "not there" counts. Source: execvp(3). */
static long execute(char **argv, char **envp)
{
	const char *path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char file[PATH_SIZE];
	long result = -ENOENT;

	if (has_slash(argv[0]))
		return SYS(execve, argv[0], argv, envp);
	for (char **variable = envp; *variable; variable++) {
		if (starts(*variable, "PATH="))
			path = *variable + 5;
	}
	while (*path) {
		size_t length = 0, name = strlen(argv[0]);
		long err;

		while (path[length] && path[length] != ':')
			length++;
		if (length + name + 2 <= sizeof(file)) {
			memcpy(file, path, length);
			file[length] = '/';
			memcpy(file + length + 1, argv[0], name + 1);
			err = SYS(execve, file, argv, envp);
			if (err != -ENOENT && err != -ENOTDIR)
				result = err;
		}
		path += length + (path[length] == ':');
	}
	return result;
}

static _Noreturn void become(char **argv, char **envp)
{
	uint64_t none = 0;
	long group, err;

	/* Its own process group in the foreground: the terminal's signals go to the command and not here as well. */
	SYS(setpgid, 0, 0);
	group = SYS(getpid);
	(void)SYS(ioctl, 0, TIOCSPGRP, &group);
	SYS(rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
	err = execute(argv, envp);
	SYS(write, 2, "docker-init: cannot execute the command\n", 40);
	SYS(exit_group, err == -ENOENT ? 127 : 126);
	__builtin_unreachable();
}

/* Returns the command's exit status once it has ended, otherwise -1. */
static int reap(long command)
{
	int status, result = -1;
	long pid;

	while ((pid = SYS(wait4, -1, &status, WNOHANG, NULL)) > 0) {
		if (pid == command)
			result = (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);
	}
	return result;
}

int main(int argc, char **argv, char **envp)
{
	uint64_t all = ~0ull;
	long command;

	argv++;
	if (argc > 1 && starts(*argv, "--") && (*argv)[2] == '\0')
		argv++;
	if (*argv == NULL)
		return 2;
	SYS(rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
	command = SYS(clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (command == 0)
		become(argv, envp);
	if (command < 0)
		return 125;
	for (;;) {
		char info[128];
		long number = SYS(rt_sigtimedwait, &all, info, NULL, sizeof(all));
		int status = number == SIGCHLD || number == -EINTR ? reap(command) : -1;

		if (status >= 0)
			return status;
		if (number > 0 && number != SIGCHLD && number != SIGTTIN && number != SIGTTOU)
			SYS(kill, command, number);
	}
}
