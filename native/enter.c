/*
 * Becomes another program in other namespaces, which a program with several threads cannot enter by itself:
 *
 *     mydocker-enter mounts [failed=N WORD...] -- PROGRAM ARGUMENT...
 *         a mount namespace of its own: what is mounted there is seen by nobody else, and goes with the last process
 *     mydocker-enter user=FILE [map=N WORD...]... [failed=N WORD...] -- PROGRAM ARGUMENT...
 *         a user and a mount namespace that all programs which name the FILE share, as root of it
 *
 * Each map is the argument vector of newuidmap or newgidmap without the pid; without one, only the caller's own ids are
 * mapped. What fails is told by executing the words of `failed`, and behind them the step and the errno.
 */
#include "enter.h"

#include "ctx.h"

#include <linux/mount.h>
#include <linux/sched.h>

static struct enter enter;

static _Noreturn void report(char **failed, int count, const char *step, int error)
{
	char *argv[count + 3];
	char number[24];

	put_number(number, sizeof(number), 0, (uint64_t)-error);
	for (int i = 0; i < count; i++)
		argv[i] = failed[i];
	argv[count] = (char *)step;
	argv[count + 1] = number;
	argv[count + 2] = NULL;
	if (count > 0)
		SYS(execve, argv[0], argv, enter.envp);
	SYS(exit_group, 125);
	__builtin_unreachable();
}

static int own_mounts(void)
{
	long err;

	enter.failed_step = "unshare";
	err = SYS(unshare, CLONE_NEWNS);
	if (err < 0)
		return (int)err;
	enter.failed_step = "mount";
	return (int)SYS(mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* The number behind the "=" of a word that is followed by so many. */
static int count_of(const char *word)
{
	uint64_t count = 0;

	while (*word && *word != '=')
		word++;
	return *word == '=' && parse_decimal(word + 1, &count) == 0 && count < 4096 ? (int)count : 0;
}

static void take_map(char **words, int count)
{
	char **map = enter.maps[enter.map_count++];

	map[0] = words[0];
	for (int i = 1; i < count; i++)
		map[i + 1] = words[i];
}

int main(int argc, char **argv, char **envp)
{
	char **failed = NULL;
	int failed_count = 0, at = 1, err;

	enter.envp = envp;
	while (at < argc && !text_equals(argv[at], "--")) {
		const char *word = argv[at++];
		int count = text_starts(word, "user=") ? 0 : count_of(word);

		if (count > argc - at)
			return 125;
		if (text_starts(word, "user=")) {
			enter.holder_file = word + 5;
		} else if (text_starts(word, "failed=")) {
			failed = argv + at;
			failed_count = count;
		} else if (text_starts(word, "map=") && enter.map_count < MAX_MAPS && count > 0 && count < MAX_MAP_WORDS) {
			take_map(argv + at, count);
		}
		at += count;
	}
	if (at + 1 >= argc)
		return 125;
	err = enter.holder_file != NULL ? enter_user(&enter) : own_mounts();
	if (err == 0) {
		enter.failed_step = "execve";
		err = (int)SYS(execve, argv[at + 1], argv + at + 1, envp);
	}
	report(failed, failed_count, enter.failed_step, err);
}
