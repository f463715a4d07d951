/*
 * `measure ROUNDS PAUSE_MS wait|leave -- PROGRAM ARG… [-- PROGRAM ARG…]…` runs the programs in turn, round after round,
 * with a pause before each, and prints a line of JSON for every run: what it took, with all that it started; or, with
 * "leave", without what it left running, and without standard error.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long microseconds(struct timeval time)
{
	return time.tv_sec * 1000000LL + time.tv_usec;
}

/* In a process of its own, because the kernel sums up the use of children for each process and never resets it. */
static void measure_once(int program, char **argv, int waits)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int status = 0, error;
	long long start, wall;
	pid_t pid;

	if (waits)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* What is left running must not hold the caller's pipe. */
	else if (dup2(open("/dev/null", O_WRONLY), 2) < 0)
		_exit(1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	start = now_ns();
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (error != 0) {
		fprintf(stderr, "measure: %s: %s\n", argv[0], strerror(error));
		_exit(1);
	}
	waitpid(pid, &status, 0);
	wall = now_ns() - start;
	while (waits && (waitpid(-1, NULL, 0) > 0 || errno == EINTR))
		continue;
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("{\"program\":%d,\"status\":%d,\"wallNs\":%lld,\"cpuUs\":%lld,\"peakKiB\":%ld}\n", program,
	       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), wall,
	       microseconds(usage.ru_utime) + microseconds(usage.ru_stime), usage.ru_maxrss);
	fflush(stdout);
	_exit(0);
}

int main(int argc, char **argv)
{
	char **programs[64];
	int count = 0;

	if (argc < 6 || strcmp(argv[4], "--") != 0)
		return 99;
	for (int i = 4; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		argv[i] = NULL;
		if (count < 64)
			programs[count++] = argv + i + 1;
	}
	for (int round = atoi(argv[1]); round > 0; round--) {
		for (int program = 0; program < count; program++) {
			pid_t child;
			int status;

			usleep((useconds_t)atoi(argv[2]) * 1000);
			child = fork();
			if (child == 0)
				measure_once(program, programs[program], strcmp(argv[3], "wait") == 0);
			if (waitpid(child, &status, 0) < 0 || status != 0)
				return 1;
		}
	}
	return 0;
}
