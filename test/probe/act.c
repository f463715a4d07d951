/* The commands that do something. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mman.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "json.h"

static long long now_ms(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void run_exit(char **argv)
{
	exit(atoi(argv[0]));
}

static void run_print(char **argv)
{
	fputs(argv[0], stdout);
	fflush(stdout);
}

static void run_complain(char **argv)
{
	fputs(argv[0], stderr);
}

/* To its end, whatever interrupts it: a checkpoint does. */
static void run_sleep(char **argv)
{
	long ms = atol(argv[0]);
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/* Ends when a file appears, or fails after ten seconds. */
static void run_await(char **argv)
{
	for (int tries = 0; access(argv[0], F_OK) < 0; tries++) {
		if (tries == 1000)
			exit(98);
		usleep(10000);
	}
}

static void run_raise(char **argv)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	signal(atoi(argv[0]), SIG_DFL);
	kill(getpid(), atoi(argv[0]));
}

/*
 * Blocks every signal, says so, and prints the number of each that comes, with the terminal's size for SIGWINCH,
 * until it has COUNT of them.
 */
static void run_signals(char **argv)
{
	sigset_t all;

	sigfillset(&all);
	sigdelset(&all, SIGCHLD);
	sigprocmask(SIG_BLOCK, &all, NULL);
	json_string(NULL, "ready");
	json_end_line();
	for (int i = atoi(argv[0]); i > 0; i--) {
		struct winsize size = { 0 };
		int number = sigwaitinfo(&all, NULL);

		ioctl(0, TIOCGWINSZ, &size);
		json_open(NULL, '{');
		json_int("signal", number);
		json_int("rows", size.ws_row);
		json_int("columns", size.ws_col);
		json_close('}');
		json_end_line();
	}
}

static void run_ignore(char **argv)
{
	signal(atoi(argv[0]), SIG_IGN);
}

/* FLAGS: r, w, rw or c (create). */
static void run_open(char **argv)
{
	int flags = argv[1][0] == 'c' ? O_WRONLY | O_CREAT : argv[1][0] == 'w' ? O_WRONLY : argv[1][1] == 'w' ? O_RDWR : O_RDONLY;
	int fd = open(argv[0], flags | O_CLOEXEC | O_NONBLOCK, 0644);

	print_outcome(fd);
	if (fd >= 0)
		close(fd);
}

static void run_write(char **argv)
{
	int fd = open(argv[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	print_outcome(fd < 0 ? -1 : write(fd, argv[1], strlen(argv[1])));
	if (fd >= 0)
		close(fd);
}

static void run_write_fd(char **argv)
{
	print_outcome(write(atoi(argv[0]), argv[1], strlen(argv[1])));
}

/* A message to the socket that NOTIFY_SOCKET names. */
static void run_notify(char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const char *path = getenv("NOTIFY_SOCKET");

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path ? path : "");
	print_outcome(sendto(fd, argv[0], strlen(argv[0]), 0, (const struct sockaddr *)&address, sizeof(address)));
	close(fd);
}

static void run_mkdir(char **argv)
{
	print_outcome(mkdir(argv[0], 0755));
}

/* TYPE: c or b. */
static void run_mknod(char **argv)
{
	mode_t type = argv[1][0] == 'b' ? S_IFBLK : S_IFCHR;

	print_outcome(mknod(argv[0], type | 0600, makedev((unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]))));
}

static void run_chown(char **argv)
{
	print_outcome(lchown(argv[0], (uid_t)atoi(argv[1]), (gid_t)atoi(argv[2])));
}

static void run_chmod(char **argv)
{
	print_outcome(chmod(argv[0], (mode_t)strtol(argv[1], NULL, 8)));
}

static void run_mount_tmpfs(char **argv)
{
	print_outcome(mount("tmpfs", argv[0], "tmpfs", 0, NULL));
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

/* As an ordinary user: becomes root of a user namespace, and mounts /proc anew for a pid namespace in it. */
static int mount_own_proc(void)
{
	char uids[32], gids[32];

	snprintf(uids, sizeof(uids), "0 %u 1", getuid());
	snprintf(gids, sizeof(gids), "0 %u 1", getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) < 0)
		return -1;
	if (write_text("/proc/self/setgroups", "deny") < 0 || write_text("/proc/self/uid_map", uids) < 0)
		return -1;
	return write_text("/proc/self/gid_map", gids);
}

static void run_mount_proc(char **argv)
{
	int ready = mount_own_proc();
	pid_t child = ready < 0 ? -1 : fork();
	int status = 0;

	(void)argv;
	if (child == 0)
		_exit(mount("proc", "/proc", "proc", 0, NULL) < 0 ? errno : 0);
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		print_outcome(-1);
		return;
	}
	errno = WEXITSTATUS(status);
	print_outcome(errno == 0 ? 0 : -1);
}

static void run_set_hostname(char **argv)
{
	print_outcome(sethostname(argv[0], strlen(argv[0])));
}

static void run_kill(char **argv)
{
	print_outcome(kill(atoi(argv[0]), atoi(argv[1])));
}

static void run_raw_socket(char **argv)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1);

	print_outcome(fd);
	if (fd >= 0)
		close(fd);
}

/* Runs a program to its end and prints its exit status, 128+n for a signal, or why it did not start. */
static void run_exec(char **argv)
{
	int status = 0;
	pid_t child = vfork();

	if (child == 0) {
		execv(argv[0], argv);
		_exit(errno == EACCES ? 126 : errno == EPERM ? 125 : 127);
	}
	waitpid(child, &status, 0);
	json_int(NULL, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static void run_alloc(char **argv)
{
	size_t length = (size_t)atoll(argv[0]);
	char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		json_error(errno);
		return;
	}
	for (size_t i = 0; i < length; i += 4096)
		memory[i] = 1;
	print_outcome(0);
	munmap(memory, length);
}

/* As run_alloc, in pages of 2 MiB: beyond what is reserved for them, or a limit on that, it fails. */
static void run_alloc_huge(char **argv)
{
	size_t length = (size_t)atoll(argv[0]);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 21 << MAP_HUGE_SHIFT;
	char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (memory == MAP_FAILED) {
		json_error(errno);
		return;
	}
	for (size_t i = 0; i < length; i += 2 << 20)
		memory[i] = 1;
	print_outcome(0);
	munmap(memory, length);
}

/* Reads or writes bytes of a block device past the page cache, from its start; prints how long that took. */
static void run_disk(char **argv)
{
	static _Alignas(4096) char block[65536];
	int writes = strcmp(argv[1], "w") == 0;
	int fd = open(argv[0], (writes ? O_WRONLY : O_RDONLY) | O_DIRECT | O_CLOEXEC);
	long long start = now_ms(CLOCK_MONOTONIC);

	for (long long left = atoll(argv[2]); left > 0; left -= (long long)sizeof(block)) {
		ssize_t n = writes ? write(fd, block, sizeof(block)) : read(fd, block, sizeof(block));

		if (n != (ssize_t)sizeof(block)) {
			json_error(errno);
			return;
		}
	}
	close(fd);
	json_int(NULL, now_ms(CLOCK_MONOTONIC) - start);
}

/* Opens two files in turn until a third one appears; prints how often each could and could not be opened (EPERM). */
static void run_opens(char **argv)
{
	long long could[2] = { 0 }, could_not[2] = { 0 };

	while (access(argv[0], F_OK) < 0) {
		for (int i = 0; i < 2; i++) {
			int fd = open(argv[i + 1], O_RDONLY | O_CLOEXEC);

			(*(fd < 0 && errno == EPERM ? &could_not[i] : &could[i]))++;
			if (fd >= 0)
				close(fd);
		}
	}
	json_open(NULL, '[');
	for (int i = 0; i < 2; i++) {
		json_open(NULL, '{');
		json_int("could", could[i]);
		json_int("couldNot", could_not[i]);
		json_close('}');
	}
	json_close(']');
}

/* Sends a datagram to a port of the loopback device. */
static void run_datagram(char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[0])) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	print_outcome((int)sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)));
	close(fd);
}

/* Uses the processor for some milliseconds of wall time; prints how much of it it got. */
static void run_spin(char **argv)
{
	long long start = now_ms(CLOCK_MONOTONIC);
	long long start_cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID);

	while (now_ms(CLOCK_MONOTONIC) - start < atoll(argv[0]))
		continue;
	json_open(NULL, '{');
	json_int("wallMs", now_ms(CLOCK_MONOTONIC) - start);
	json_int("cpuMs", now_ms(CLOCK_PROCESS_CPUTIME_ID) - start_cpu);
	json_close('}');
}

/* Forks COUNT children that stay until all are there; prints how many there came to be. */
static void run_fork(char **argv)
{
	pid_t children[1024];
	int count = 0, wanted = atoi(argv[0]), error = 0;

	while (count < wanted && count < 1024) {
		pid_t child = fork();

		if (child == 0)
			for (;;)
				pause();
		if (child < 0) {
			error = errno;
			break;
		}
		children[count++] = child;
	}
	for (int i = 0; i < count; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	json_open(NULL, '{');
	json_int("forked", count);
	json_string("error", error == 0 ? "" : strerrorname_np(error));
	json_close('}');
}

/* Leaves a child behind that sleeps for ever. */
static void run_spawn(char **argv)
{
	pid_t child = fork();

	if (child == 0)
		for (;;)
			pause();
	json_int(NULL, child);
}

const struct command act_commands[] = {
	{ "alloc", 1, run_alloc, 0 },
	{ "alloc-huge", 1, run_alloc_huge, 0 },
	{ "await", 1, run_await, 1 },
	{ "chmod", 2, run_chmod, 0 },
	{ "chown", 3, run_chown, 0 },
	{ "complain", 1, run_complain, 1 },
	{ "datagram", 1, run_datagram, 0 },
	{ "disk", 3, run_disk, 0 },
	{ "exec", 1, run_exec, 0 },
	{ "exit", 1, run_exit, 1 },
	{ "fork", 1, run_fork, 0 },
	{ "ignore", 1, run_ignore, 1 },
	{ "kill", 2, run_kill, 0 },
	{ "mkdir", 1, run_mkdir, 0 },
	{ "mknod", 4, run_mknod, 0 },
	{ "mount-proc", 0, run_mount_proc, 0 },
	{ "mount-tmpfs", 1, run_mount_tmpfs, 0 },
	{ "notify", 1, run_notify, 0 },
	{ "open", 2, run_open, 0 },
	{ "opens", 3, run_opens, 0 },
	{ "print", 1, run_print, 1 },
	{ "raise", 1, run_raise, 1 },
	{ "raw-socket", 0, run_raw_socket, 0 },
	{ "set-hostname", 1, run_set_hostname, 0 },
	{ "signals", 1, run_signals, 1 },
	{ "sleep", 1, run_sleep, 1 },
	{ "spawn", 0, run_spawn, 0 },
	{ "spin", 1, run_spin, 0 },
	{ "write", 2, run_write, 0 },
	{ "write-fd", 2, run_write_fd, 0 },
	{ 0 },
};
