/*
 * The user namespace of an ordinary user. All of the user's containers are in one, so that commands see each other's mounts;
 * a process that does nothing holds it, and ends some seconds after the last that needs it.
 *
 * FILE, locked by whoever enters: the holder's "PID START-TIME", or nothing.
 * FILE.users: each command and each monitor has a shared lock on it as long as it runs, so that the holder, which waits for
 * an exclusive one, ends when nobody is left. It empties FILE before; who comes meanwhile waits for its end, and makes
 * namespaces anew. Sources: user_namespaces(7), newuidmap(1), setns(2), flock(2).
 */
#include "enter.h"

#include "ctx.h"
#include "proc_stat.h"

#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#define SIGCHLD 17
#define LOCK_SH 1
#define LOCK_EX 2
#define LOCK_NB 4
#define LOCK_UN 8
#define LINGER_SECONDS 5
#define CLOSE_ALL 3u, ~0u, 0
#define PATH_MAX 4096

static size_t proc_path(char *path, size_t size, int pid, const char *name)
{
	size_t at = put_number(path, size, put_text(path, size, 0, "/proc/"), (uint64_t)pid);

	return put_text(path, size, at, name);
}

static long open_namespace(int pid, const char *name)
{
	char path[64];

	proc_path(path, sizeof(path), pid, name);
	return SYS(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
}

/* The pid of the holder that the file names, as long as it lives; otherwise 0. */
static int read_holder(int fd)
{
	char text[64] = "";
	uint64_t pid = 0, ticks = 0, started = 1;
	const char *space = text;

	if (SYS(pread64, fd, text, sizeof(text) - 1, 0) <= 0 || parse_decimal(text, &pid) < 0 || pid > 1u << 30)
		return 0;
	while (*space && *space != ' ')
		space++;
	if (*space == '\0' || parse_decimal(space + 1, &ticks) < 0 || read_start_time_of((int)pid, &started) < 0)
		return 0;
	return started == ticks ? (int)pid : 0;
}

static int become_root(void)
{
	long err = SYS(setresgid, 0, 0, 0);

	return (int)(err < 0 ? err : SYS(setresuid, 0, 0, 0));
}

/* Joins it; the current directory is looked up again, because the mount namespace has its own. */
static int join(struct enter *e, int pid)
{
	char directory[PATH_MAX];
	long user = open_namespace(pid, "/ns/user"), mounts = open_namespace(pid, "/ns/mnt"), err;

	e->failed_step = "setns";
	if (user < 0 || mounts < 0)
		return (int)(user < 0 ? user : mounts);
	if (SYS(getcwd, directory, sizeof(directory)) < 0)
		put_text(directory, sizeof(directory), 0, "/");
	err = SYS(setns, user, CLONE_NEWUSER);
	if (err == 0)
		err = SYS(setns, mounts, CLONE_NEWNS);
	if (err < 0)
		return (int)err;
	e->failed_step = "chdir";
	err = SYS(chdir, directory);
	return (int)(err < 0 ? err : become_root());
}

static int write_file(const char *path, const char *text, size_t length)
{
	long fd = SYS(openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0), written;

	if (fd < 0)
		return (int)fd;
	written = SYS(write, fd, text, length);
	SYS(close, fd);
	return written == (long)length ? 0 : (int)written;
}

/* "0 ID 1": root inside is the caller outside. */
static int map_one(const char *path, long id)
{
	char text[32];
	size_t at = put_number(text, sizeof(text), put_text(text, sizeof(text), 0, "0 "), (uint64_t)id);

	return write_file(path, text, put_text(text, sizeof(text), at, " 1"));
}

static int map_own_ids(long uid, long gid)
{
	int err = write_file("/proc/self/setgroups", "deny", 4);

	if (err == 0)
		err = map_one("/proc/self/uid_map", uid);
	return err < 0 ? err : map_one("/proc/self/gid_map", gid);
}

static int run(char **argv, char *const *envp)
{
	int status = 0;
	long pid = SYS(clone, SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0) {
		SYS(execve, argv[0], argv, envp);
		SYS(exit_group, 127);
	}
	if (pid < 0)
		return (int)pid;
	while (SYS(wait4, pid, &status, 0, NULL) == -EINTR)
		;
	return status == 0 ? 0 : -EPERM;
}

/* newuidmap must be called from outside: by a child that was made before, once a byte tells it to go on. */
static _Noreturn void map_from_outside(struct enter *e, int go, const char *pid)
{
	char byte;
	int err = 0;

	if (SYS(read, go, &byte, 1) != 1)
		SYS(exit_group, 1);
	for (int i = 0; i < e->map_count && err == 0; i++) {
		e->maps[i][1] = (char *)pid;
		err = run(e->maps[i], e->envp);
	}
	SYS(exit_group, err == 0 ? 0 : 1);
	__builtin_unreachable();
}

static int unshare_with_maps(struct enter *e)
{
	char pid[24];
	int ends[2], status = 1;
	long mapper, err = SYS(pipe2, ends, O_CLOEXEC);

	put_number(pid, sizeof(pid), 0, (uint64_t)SYS(getpid));
	mapper = err < 0 ? err : SYS(clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (mapper == 0) {
		SYS(close, ends[1]);
		map_from_outside(e, ends[0], pid);
	}
	if (mapper < 0)
		return (int)mapper;
	err = SYS(unshare, CLONE_NEWUSER | CLONE_NEWNS);
	if (err == 0)
		err = SYS(write, ends[1], "", 1);
	SYS(close, ends[0]);
	SYS(close, ends[1]);
	while (SYS(wait4, mapper, &status, 0, NULL) == -EINTR)
		;
	if (err < 0)
		return (int)err;
	e->failed_step = "newuidmap";
	return status == 0 ? 0 : -EPERM;
}

static int make(struct enter *e)
{
	long uid = SYS(geteuid), gid = SYS(getegid), err;

	e->failed_step = "unshare";
	if (e->map_count > 0) {
		err = unshare_with_maps(e);
	} else {
		err = SYS(unshare, CLONE_NEWUSER | CLONE_NEWNS);
		if (err == 0) {
			e->failed_step = "uid_map";
			err = map_own_ids(uid, gid);
		}
	}
	if (err == 0)
		err = become_root();
	if (err < 0)
		return (int)err;
	/* What is mounted on the host later is seen here, and not the other way round. */
	e->failed_step = "mount";
	return (int)SYS(mount, NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);
}

static long lock(int fd, int how)
{
	long err;

	do {
		err = SYS(flock, fd, how);
	} while (err == -EINTR);
	return err;
}

/* Not close-on-exec for a command, which is to have it open until it ends. */
static int open_users(const struct enter *e, int flags)
{
	char path[PATH_MAX];
	size_t at = put_text(path, sizeof(path), 0, e->holder_file);

	if (at + sizeof(".users") > sizeof(path))
		return -ENAMETOOLONG;
	put_text(path, sizeof(path), at, ".users");
	return (int)SYS(openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_NOFOLLOW | flags, 0600);
}

/* The next command may come soon: namespaces take longer to make than to wait for. */
static void await_idleness(int users)
{
	struct __kernel_timespec linger = { LINGER_SECONDS, 0 };

	do {
		(void)lock(users, LOCK_EX);
		(void)lock(users, LOCK_UN);
		SYS(nanosleep, &linger, NULL);
	} while (lock(users, LOCK_EX | LOCK_NB) < 0);
}

static _Noreturn void hold(const struct enter *e)
{
	int users;
	long file;

	SYS(setsid);
	SYS(chdir, "/");
	SYS(prctl, PR_SET_NAME, "mydocker-holder", 0, 0, 0);
	for (int fd = 0; fd < 3; fd++)
		SYS(close, fd);
	SYS(close_range, CLOSE_ALL);
	users = open_users(e, O_CLOEXEC);
	while (users < 0)
		SYS(ppoll, NULL, 0, NULL, NULL, 8);
	await_idleness(users);
	file = SYS(openat, AT_FDCWD, e->holder_file, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);
	if (file >= 0 && read_holder((int)file) == SYS(getpid))
		SYS(ftruncate, file, 0);
	SYS(exit_group, 0);
	__builtin_unreachable();
}

/* Starts the process that keeps the namespaces, and notes who it is. */
static int leave_holder(struct enter *e, int fd)
{
	char text[64];
	uint64_t ticks = 0;
	size_t at;
	long pid;

	e->failed_step = "holder";
	pid = SYS(clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0)
		hold(e);
	if (pid < 0 || read_start_time_of((int)pid, &ticks) < 0)
		return pid < 0 ? (int)pid : -ESRCH;
	at = put_number(text, sizeof(text), 0, (uint64_t)pid);
	at = put_number(text, sizeof(text), put_text(text, sizeof(text), at, " "), ticks);
	at = put_text(text, sizeof(text), at, "\n");
	if (SYS(ftruncate, fd, 0) < 0)
		return -EIO;
	return SYS(pwrite64, fd, text, at, 0) == (long)at ? 0 : -EIO;
}

int enter_user(struct enter *e)
{
	long fd = SYS(openat, AT_FDCWD, e->holder_file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int holder, users, err;

	e->failed_step = "open";
	if (fd < 0)
		return (int)fd;
	(void)lock((int)fd, LOCK_EX);
	users = open_users(e, 0);
	if (users < 0)
		return users;
	(void)lock(users, LOCK_SH);
	holder = read_holder((int)fd);
	err = holder > 0 ? join(e, holder) : -ESRCH;
	if (holder > 0 && err == 0) {
		SYS(close, fd);
		return 0;
	}
	err = holder > 0 ? err : make(e);
	if (err == 0)
		err = leave_holder(e, (int)fd);
	SYS(close, fd);
	return err;
}
