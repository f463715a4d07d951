/* The commands that look and change nothing. */
#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "json.h"

enum { TEXT_MAX = 1 << 20 };

static char text[TEXT_MAX];

/* A file's text, or standard input's for "-". */
static void run_cat(char **argv)
{
	int fd = strcmp(argv[0], "-") == 0 ? 0 : open(argv[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t length = 0;
	ssize_t count = -1;

	if (fd >= 0)
		while ((count = read(fd, text + length, TEXT_MAX - length)) > 0)
			length += (size_t)count;
	if (count < 0)
		json_error(errno);
	else
		json_string_n(NULL, text, length);
	if (fd > 0)
		close(fd);
}

static void run_readlink(char **argv)
{
	ssize_t length = readlink(argv[0], text, TEXT_MAX);

	if (length < 0)
		json_error(errno);
	else
		json_string_n(NULL, text, (size_t)length);
}

static void run_ls(char **argv)
{
	struct dirent **entries;
	int count = scandir(argv[0], &entries, NULL, alphasort);

	if (count < 0) {
		json_error(errno);
		return;
	}
	json_open(NULL, '[');
	for (int i = 0; i < count; i++)
		if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0)
			json_string(NULL, entries[i]->d_name);
	json_close(']');
}

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "file";
	case S_IFDIR: return "directory";
	case S_IFLNK: return "link";
	case S_IFCHR: return "char";
	case S_IFBLK: return "block";
	case S_IFIFO: return "fifo";
	default: return "socket";
	}
}

/* Does not follow a symbolic link. */
static void run_stat(char **argv)
{
	struct stat stats;
	char mode[8];

	if (lstat(argv[0], &stats) < 0) {
		json_error(errno);
		return;
	}
	snprintf(mode, sizeof(mode), "%04o", stats.st_mode & 07777);
	json_open(NULL, '{');
	json_string("type", type_name(stats.st_mode));
	json_string("mode", mode);
	json_int("uid", stats.st_uid);
	json_int("gid", stats.st_gid);
	json_int("size", stats.st_size);
	json_int("major", major(stats.st_rdev));
	json_int("minor", minor(stats.st_rdev));
	json_int("atimeNs", stats.st_atim.tv_sec * 1000000000LL + stats.st_atim.tv_nsec);
	json_close('}');
}

static void run_statfs(char **argv)
{
	struct statfs stats;

	if (statfs(argv[0], &stats) < 0) {
		json_error(errno);
		return;
	}
	json_open(NULL, '{');
	json_int("bytes", (long long)stats.f_blocks * stats.f_bsize);
	json_int("files", (long long)stats.f_files);
	json_close('}');
}

/* The open descriptors, but for the one that this takes. */
static void run_fds(char **argv)
{
	json_open(NULL, '{');
	for (int fd = 0; fd < 1024; fd++) {
		char name[16], path[40];
		ssize_t length;

		if (fcntl(fd, F_GETFD) < 0 || (json_out != stdout && fd == fileno(json_out)))
			continue;
		snprintf(name, sizeof(name), "%d", fd);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		length = readlink(path, text, TEXT_MAX);
		json_string_n(name, text, length < 0 ? 0 : (size_t)length);
	}
	json_close('}');
}

static void run_tty(char **argv)
{
	struct winsize size = { 0 };
	const char *name = ttyname(0);

	ioctl(0, TIOCGWINSZ, &size);
	json_open(NULL, '{');
	json_open("isatty", '[');
	for (int fd = 0; fd < 3; fd++)
		json_bool(NULL, isatty(fd));
	json_close(']');
	json_string("name", name == NULL ? "" : name);
	json_int("rows", size.ws_row);
	json_int("columns", size.ws_col);
	json_bool("isControlling", tcgetsid(0) == getsid(0));
	json_bool("isForeground", tcgetpgrp(0) == getpgrp());
	json_close('}');
}

static void run_ids(char **argv)
{
	mode_t mask = umask(0);

	umask(mask);
	json_open(NULL, '{');
	json_int("pid", getpid());
	json_int("ppid", getppid());
	json_int("sid", getsid(0));
	json_int("pgid", getpgrp());
	json_int("uid", getuid());
	json_int("gid", getgid());
	json_int("euid", geteuid());
	json_int("egid", getegid());
	json_int("umask", mask);
	json_close('}');
}

static void run_uname(char **argv)
{
	struct utsname name;

	uname(&name);
	json_open(NULL, '{');
	json_string("hostname", name.nodename);
	json_string("domainname", name.domainname);
	json_close('}');
}

static void run_rlimits(char **argv)
{
	static const struct {
		const char *name;
		__rlimit_resource_t resource;
	} table[] = {
		{ "RLIMIT_AS", RLIMIT_AS }, { "RLIMIT_CORE", RLIMIT_CORE }, { "RLIMIT_CPU", RLIMIT_CPU },
		{ "RLIMIT_DATA", RLIMIT_DATA }, { "RLIMIT_FSIZE", RLIMIT_FSIZE }, { "RLIMIT_LOCKS", RLIMIT_LOCKS },
		{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK }, { "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
		{ "RLIMIT_NICE", RLIMIT_NICE }, { "RLIMIT_NOFILE", RLIMIT_NOFILE }, { "RLIMIT_NPROC", RLIMIT_NPROC },
		{ "RLIMIT_RSS", RLIMIT_RSS }, { "RLIMIT_RTPRIO", RLIMIT_RTPRIO }, { "RLIMIT_RTTIME", RLIMIT_RTTIME },
		{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING }, { "RLIMIT_STACK", RLIMIT_STACK },
	};

	json_open(NULL, '{');
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct rlimit limit = { 0 };

		getrlimit(table[i].resource, &limit);
		json_open(table[i].name, '[');
		/* RLIM_INFINITY becomes -1. */
		json_int(NULL, (long long)limit.rlim_cur);
		json_int(NULL, (long long)limit.rlim_max);
		json_close(']');
	}
	json_close('}');
}

static void run_clocks(char **argv)
{
	struct timespec monotonic, boottime;

	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_BOOTTIME, &boottime);
	json_open(NULL, '{');
	json_int("monotonicSeconds", monotonic.tv_sec);
	json_int("boottimeSeconds", boottime.tv_sec);
	json_close('}');
}

static void run_sched(char **argv)
{
	struct sched_param param = { 0 };

	sched_getparam(0, &param);
	json_open(NULL, '{');
	json_int("policy", sched_getscheduler(0));
	json_int("priority", param.sched_priority);
	json_int("nice", getpriority(PRIO_PROCESS, 0));
	json_int("ioprio", syscall(SYS_ioprio_get, 1, 0));
	json_close('}');
}

static void run_env(char **argv)
{
	json_open(NULL, '[');
	for (char **entry = environ; *entry != NULL; entry++)
		json_string(NULL, *entry);
	json_close(']');
}

/* What it was called with, as a check of argument passing. */
static void run_args(char **argv)
{
	json_open(NULL, '[');
	for (; *argv != NULL; argv++)
		json_string(NULL, *argv);
	json_close(']');
}

static void run_cwd(char **argv)
{
	if (getcwd(text, TEXT_MAX) == NULL)
		json_error(errno);
	else
		json_string(NULL, text);
}

/* The inode of each namespace. */
static void run_namespaces(char **argv)
{
	static const char *const names[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" };

	json_open(NULL, '{');
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[40];
		ssize_t length;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		length = readlink(path, text, TEXT_MAX);
		json_string_n(names[i], text, length < 0 ? 0 : (size_t)length);
	}
	json_close('}');
}

const struct command report_commands[] = {
	{ "args", 0, run_args, 0 },
	{ "cat", 1, run_cat, 0 },
	{ "clocks", 0, run_clocks, 0 },
	{ "cwd", 0, run_cwd, 0 },
	{ "env", 0, run_env, 0 },
	{ "fds", 0, run_fds, 0 },
	{ "ids", 0, run_ids, 0 },
	{ "ls", 1, run_ls, 0 },
	{ "namespaces", 0, run_namespaces, 0 },
	{ "readlink", 1, run_readlink, 0 },
	{ "rlimits", 0, run_rlimits, 0 },
	{ "sched", 0, run_sched, 0 },
	{ "stat", 1, run_stat, 0 },
	{ "statfs", 1, run_statfs, 0 },
	{ "tty", 0, run_tty, 0 },
	{ "uname", 0, run_uname, 0 },
	{ 0 },
};
