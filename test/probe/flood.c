/*
 * `flood COUNT WIDTH PROGRAM ARG…` runs a program COUNT times, WIDTH at a time, and prints the nanoseconds that it all
 * took. "@" in an argument stands for the number of the place, from 0 to WIDTH - 1, that a run has.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WIDTH 64
#define MAX_WORDS 64

extern char **environ;

static long long now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static char *for_place(const char *word, int place)
{
	const char *at = strchr(word, '@');
	char *text;

	if (at == NULL)
		return strdup(word);
	if (asprintf(&text, "%.*s%d%s", (int)(at - word), word, place, at + 1) < 0)
		exit(1);
	return text;
}

static pid_t start(char **argv, int place)
{
	posix_spawn_file_actions_t actions;
	char *words[MAX_WORDS] = { NULL };
	pid_t pid;

	for (int i = 0; argv[i] != NULL && i < MAX_WORDS - 1; i++)
		words[i] = for_place(argv[i], place);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, words[0], &actions, NULL, words, environ) != 0)
		exit(1);
	for (int i = 0; words[i] != NULL; i++)
		free(words[i]);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

int main(int argc, char **argv)
{
	int count = argc > 3 ? atoi(argv[1]) : 0, width = argc > 3 ? atoi(argv[2]) : 0, started = 0, status;
	long long begin = now_ns();
	pid_t pids[MAX_WIDTH];

	if (count < width || width < 1 || width > MAX_WIDTH)
		return 99;
	for (; started < width; started++)
		pids[started] = start(argv + 3, started);
	for (int ended = 0; ended < count; ended++) {
		pid_t pid = wait(&status);

		if (pid < 0 || status != 0)
			return 1;
		for (int place = 0; place < width; place++) {
			if (pids[place] == pid && started < count) {
				pids[place] = start(argv + 3, place);
				started++;
			}
		}
	}
	printf("%lld\n", now_ns() - begin);
	return 0;
}
