/* Hands a kept plan over to the static program, as the engine does. */
#include "hot.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>

#define MFD_CLOEXEC 1u
#define MFD_ALLOW_SEALING 2u
#define MFD_EXEC 0x10u
#define ALL_SEALS 15
#define SIG_SETMASK 2
#define SIG_IGN 1
#define SIGNALS 64
#define CLOSE_RANGE_CLOEXEC 4u

/* Sealed, so that nobody who inherits it can change it. */
static long memory_file(const char *name, unsigned flags)
{
	return SYS(memfd_create, name, MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);
}

static long image_file(const struct out *image)
{
	long fd = memory_file("plan", 0);

	if (fd >= 0 && (write_all((int)fd, image->text, image->length) < 0 || SYS(fcntl, fd, F_ADD_SEALS, ALL_SEALS) < 0))
		return -1;
	return fd;
}

/* A copy, because what runs in a container can reach its own executable (CVE-2019-5736). */
static long program_file(void)
{
	char path[PATH_MAX + 16];
	size_t length = put_text(path, sizeof(path), 0, engine);
	struct statx info = { 0 };
	long from, to;

	while (path[length - 1] != '/')
		length--;
	put_text(path, sizeof(path), length, "mydocker-init");
	from = SYS(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
	if (from < 0 || SYS(statx, from, "", AT_EMPTY_PATH, STATX_SIZE, &info) < 0)
		return -1;
	to = memory_file("mydocker-init", MFD_EXEC);
	if (to == -EINVAL)
		to = memory_file("mydocker-init", 0);
	if (to < 0 || SYS(fchmod, to, 0500) < 0 || SYS(sendfile, to, from, NULL, info.stx_size) != (long)info.stx_size ||
	    SYS(fcntl, to, F_ADD_SEALS, ALL_SEALS) < 0)
		return -1;
	SYS(close, from);
	return to;
}

/* As the engine does before it executes: no signal is ignored or blocked. Source: sigaction(2), the kernel's own struct. */
static void reset_signals(void)
{
	struct {
		uint64_t handler, flags, restorer, mask;
	} action;
	uint64_t none = 0;

	for (int number = 1; number <= SIGNALS; number++) {
		if (SYS(rt_sigaction, number, NULL, &action, sizeof(none)) < 0 || action.handler != SIG_IGN)
			continue;
		memset(&action, 0, sizeof(action));
		SYS(rt_sigaction, number, &action, NULL, sizeof(none));
	}
	SYS(rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
}

void plan_hand_over(const struct wanted_plan *plan, const struct out *image, int lock)
{
	long program = program_file(), fd = image_file(image);
	char image_word[24], lock_word[24];
	char *argv[] = { (char[]){ "mydocker-init" }, image_word, NULL, NULL };
	size_t length;

	if (program < 0 || fd < 0 || SYS(close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
		return;
	put_number(image_word, sizeof(image_word), 0, (uint64_t)fd);
	SYS(fcntl, fd, F_SETFD, 0);
	if (lock >= 0) {
		length = put_text(lock_word, sizeof(lock_word), 0, "0=");
		put_number(lock_word, sizeof(lock_word), length, (uint64_t)lock);
		argv[2] = lock_word;
		SYS(fcntl, lock, F_SETFD, 0);
	}
	reset_signals();
	(void)become_program((int)program, argv, plan->envp);
}
