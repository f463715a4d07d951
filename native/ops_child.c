/* Making the container's processes, and what the parent does to them. */
#include "ctx.h"

#include <linux/sched.h>
#include <linux/stat.h>
#include <linux/wait.h>

#define SIGKILL 9
#define SIGCHLD 17

long clone_process(uint64_t flags, int *pidfd, int cgroup)
{
	struct clone_args args = { 0 };

	args.flags = pidfd ? flags | CLONE_PIDFD : flags;
	args.pidfd = (uint64_t)(uintptr_t)pidfd;
	/* With CLONE_PARENT the signal is the one that the sibling was made with. */
	args.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD;
	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned int)cgroup;
	}
	return SYS(clone3, &args, sizeof(args));
}

/* From here on this process is the child: it keeps its end of the socket and none of the parent's business. */
static void become_child(struct ctx *c, enum stage stage, int sync)
{
	c->stage = stage;
	c->sync = sync;
	for (uint64_t slot = SLOT_LOCK; slot <= SLOT_REPORT; slot++) {
		int fd = slot_take(c, slot);

		if (fd >= 0)
			SYS(close, fd);
	}
	signals_restore();
}

/* Clones the intermediate process, or the init itself where no intermediate is needed. */
int op_child_clone(struct ctx *c, const union arg *a)
{
	enum stage stage = text_equals(a[1].string, "init") ? STAGE_INIT : STAGE_INTERMEDIATE;
	int cgroup = a[2].number == 0 ? -1 : slot_get(c, a[2].number);
	int pair[2], pidfd = -1;
	long pid = SYS(socketpair, 1 /* AF_UNIX */, 5 | 02000000 /* SOCK_SEQPACKET|SOCK_CLOEXEC */, 0, pair);

	if (pid < 0)
		return failed(c, "socketpair", NULL, pid);
	pid = clone_process(a[0].number, &pidfd, cgroup);
	if (pid < 0) {
		SYS(close, pair[0]);
		SYS(close, pair[1]);
		return failed(c, "clone3", NULL, pid);
	}
	if (pid == 0) {
		SYS(close, pair[0]);
		become_child(c, stage, pair[1]);
		return 0;
	}
	SYS(close, pair[1]);
	c->sync = pair[0];
	if (stage == STAGE_INTERMEDIATE) {
		SYS(close, pidfd);
		c->intermediate = (int)pid;
		return 0;
	}
	c->pid = (int)pid;
	c->pidfd = pidfd;
	return child_journal(c);
}

/* A kill line for the journal, with the start time, so that a reused pid is never hit. */
int child_journal(struct ctx *c)
{
	char line[128];
	size_t length = 0;
	int err = read_start_time(c->pid, &c->start_time);

	if (err < 0)
		return failed(c, "read", "/proc/PID/stat", err);
	length = put_text(line, sizeof(line), length, "{\"undo\":\"kill\",\"pid\":");
	length = put_number(line, sizeof(line), length, (uint64_t)c->pid);
	length = put_text(line, sizeof(line), length, ",\"startTime\":");
	length = put_number(line, sizeof(line), length, c->start_time);
	put_text(line, sizeof(line), length, "}");
	return journal_add(c, line);
}

/* Waits until nobody can write to a pipe any more. */
static void await_end(const int *ends)
{
	char byte;

	SYS(close, ends[1]);
	while (SYS(read, ends[0], &byte, 1) == -EINTR)
		;
	SYS(close, ends[0]);
}

/*
 * The intermediate makes the init as its own sibling, tells the parent its pid, and ends. The init waits for that: what
 * it says on the same socket comes after its pid, which the parent has to know first.
 */
int op_init_clone(struct ctx *c, const union arg *a)
{
	char message[32] = "P";
	int ends[2];
	long pid = SYS(pipe2, ends, 02000000 /* O_CLOEXEC */);

	if (pid < 0)
		return failed(c, "pipe2", NULL, pid);
	pid = clone_process(a[0].number | CLONE_PARENT, NULL, -1);
	if (pid < 0)
		return failed(c, "clone3", NULL, pid);
	if (pid == 0) {
		c->stage = STAGE_INIT;
		await_end(ends);
		return 0;
	}
	put_number(message, sizeof(message), 1, (uint64_t)pid);
	(void)write_all(c->sync, message, strlen(message) + 1);
	SYS(exit_group, 0);
	__builtin_unreachable();
}

int op_child_adopt(struct ctx *c, const union arg *a)
{
	struct exit_info info;
	uint64_t pid;
	int err = sync_receive(c, 'P', "init pid");
	long fd;

	(void)a;
	if (err < 0)
		return err;
	if (parse_decimal(c->record + 1, &pid) < 0)
		return failed(c, "read", "init pid", -EPROTO);
	c->pid = (int)pid;
	SYS(waitid, P_PID, c->intermediate, &info, WEXITED, NULL);
	c->intermediate = 0;
	fd = SYS(pidfd_open, c->pid, 0);
	if (fd < 0)
		return failed(c, "pidfd_open", NULL, fd);
	c->pidfd = (int)fd;
	return child_journal(c);
}

/* Kills and reaps what this run has made so far. */
void child_kill(struct ctx *c)
{
	struct exit_info info;

	if (c->intermediate > 0) {
		SYS(kill, c->intermediate, SIGKILL);
		SYS(waitid, P_PID, c->intermediate, &info, WEXITED, NULL);
		c->intermediate = 0;
	}
	if (c->pid > 0 && c->pidfd >= 0 && !c->exited) {
		SYS(pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0);
		SYS(waitid, P_PIDFD, c->pidfd, &info, WEXITED, NULL);
		c->exited = 1;
		c->exit_status = 1;
	}
}

/* Field 22 of /proc/PID/stat; the second field, in parentheses, can hold anything. */
int read_start_time(int pid, uint64_t *out)
{
	char path[64], stat[1024];
	const char *at = NULL;
	size_t length = put_text(path, sizeof(path), 0, "/proc/");
	int n;

	length = put_number(path, sizeof(path), length, (uint64_t)pid);
	put_text(path, sizeof(path), length, "/stat");
	n = read_small(-100 /* AT_FDCWD */, path, stat, sizeof(stat));
	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		if (stat[i] == ')')
			at = stat + i;
	}
	/* From the parenthesis: " S ppid ..." is field 3, so field 22 follows the 20th space. */
	for (int spaces = 0; at && *at && spaces < 20; at++)
		spaces += *at == ' ';
	return at ? parse_decimal(at, out) : -EPROTO;
}

static int write_proc(struct ctx *c, const char *file, const char *text)
{
	static char path[64];
	int pid = c->intermediate > 0 ? c->intermediate : c->pid;
	size_t length = put_text(path, sizeof(path), 0, "/proc/");

	length = put_number(path, sizeof(path), length, (uint64_t)pid);
	length = put_text(path, sizeof(path), length, "/");
	put_text(path, sizeof(path), length, file);
	return write_path(c, path, text, strlen(text));
}

int op_idmap_write(struct ctx *c, const union arg *a)
{
	int err = 0;

	if (a[2].number)
		err = write_proc(c, "setgroups", "deny");
	if (err == 0)
		err = write_proc(c, "gid_map", a[1].string);
	if (err == 0)
		err = write_proc(c, "uid_map", a[0].string);
	return err;
}

/* newuidmap or newgidmap PID triples... */
int op_idmap_helper(struct ctx *c, const union arg *a)
{
	char pid[24];
	const char *item = a[1].list.first;
	uint32_t n = 0;

	put_number(pid, sizeof(pid), 0, (uint64_t)(c->intermediate > 0 ? c->intermediate : c->pid));
	c->vector[n++] = a[0].string;
	c->vector[n++] = pid;
	for (uint32_t i = 0; i < a[1].list.count; i++, item = list_next(item))
		c->vector[n++] = item;
	c->vector[n] = NULL;
	return program_run(c, a[0].string, c->envp, -1, -1, 0);
}

/* From outside, where the process itself may not raise its hard limit; op_rlimit_set lowers it to what is asked for. */
int op_rlimit_allow(struct ctx *c, const union arg *a)
{
	uint64_t limit[2] = { 0 };
	long err = SYS(prlimit64, c->pid, a[0].number, NULL, limit);

	if (err == 0 && limit[1] < a[1].number) {
		limit[1] = a[1].number;
		err = SYS(prlimit64, c->pid, a[0].number, limit, NULL);
	}
	return err < 0 ? failed(c, "prlimit64", NULL, err) : 0;
}

/* By the process itself, when it has little left to do that a limit could stand in the way of. */
int op_rlimit_set(struct ctx *c, const union arg *a)
{
	uint64_t limit[2] = { a[1].number, a[2].number };
	long err = SYS(prlimit64, 0, a[0].number, limit, NULL);

	return err < 0 ? failed(c, "prlimit64", NULL, err) : 0;
}

int op_oom_score_adj(struct ctx *c, const union arg *a)
{
	if (c->stage == STAGE_PARENT)
		return write_proc(c, "oom_score_adj", a[0].string);
	return write_path(c, "/proc/self/oom_score_adj", a[0].string, strlen(a[0].string));
}

int op_state_write(struct ctx *c, const union arg *a)
{
	char pid[24], start[24];
	const char *pieces[] = { a[1].string, pid, a[2].string, start, a[3].string };
	struct replacement file = { .path = a[0].string, .mode = 0600, .is_passing = 1 };
	size_t size = 1;
	char *text;
	int err;

	put_number(pid, sizeof(pid), 0, (uint64_t)c->pid);
	put_number(start, sizeof(start), 0, c->start_time);
	for (size_t i = 0; i < 5; i++)
		size += strlen(pieces[i]);
	text = map_memory(size);
	if (text == NULL)
		return failed(c, "mmap", NULL, -ENOMEM);
	for (size_t i = 0; i < 5; i++)
		file.size = put_text(text, size, file.size, pieces[i]);
	file.text = text;
	err = write_atomically(c, &file);
	SYS(munmap, text, size);
	return err;
}

int op_pidfile_write(struct ctx *c, const union arg *a)
{
	char pid[24];
	struct replacement file = { .path = a[0].string, .text = pid, .mode = 0644 };
	int err = journal_add(c, a[1].string);

	if (err < 0)
		return err;
	put_number(pid, sizeof(pid), 0, (uint64_t)c->pid);
	file.size = strlen(pid);
	return write_atomically(c, &file);
}

int op_pidfd_send(struct ctx *c, const union arg *a)
{
	int socket = connect_unix(c, a[0].string);
	int err;

	if (socket < 0)
		return socket;
	err = send_fd(socket, c->pidfd, "pidfd", 5);
	SYS(close, socket);
	return err < 0 ? failed(c, "sendmsg", a[0].string, err) : 0;
}

/*
 * After the container's end, `delete` may be at work on it: waits until that is done. Where the directory is gone then,
 * nothing is left to do but to hand on the exit status.
 */
int op_lock_take(struct ctx *c, const union arg *a)
{
	struct statx info;
	long err, fd = SYS(openat, -100, a[0].string, 0200000 | 02000000 /* O_DIRECTORY|O_CLOEXEC */, 0);

	if (fd == -ENOENT)
		SYS(exit_group, c->exit_status);
	if (fd < 0)
		return failed(c, "open", a[0].string, fd);
	do {
		err = SYS(flock, fd, 2 /* LOCK_EX */);
	} while (err == -EINTR);
	if (err == 0)
		err = SYS(statx, fd, "", 0x1000 /* AT_EMPTY_PATH */, 4 /* STATX_NLINK */, &info);
	if (err < 0)
		return failed(c, "flock", a[0].string, err);
	if (info.stx_nlink == 0)
		SYS(exit_group, c->exit_status);
	return slot_put(c, SLOT_LOCK, (int)fd);
}

/*
 * Removes what the runtime itself put into the state directory, and the directory. After a removal that failed it stays:
 * the engine goes on from the journal.
 */
int op_state_remove(struct ctx *c, const union arg *a)
{
	const char *file = a[1].list.first;
	long err;
	int directory = c->warned ? -ENOENT : (int)SYS(openat, -100, a[0].string, 0200000 | 02000000 /* O_DIRECTORY|O_CLOEXEC */, 0);

	if (directory == -ENOENT) {
		c->removed = !c->warned;
		return 0;
	}
	if (directory < 0)
		return failed(c, "open", a[0].string, directory);
	for (uint32_t i = 0; i < a[1].list.count; i++, file = list_next(file)) {
		err = SYS(unlinkat, directory, file, 0);
		if (err < 0 && err != -ENOENT) {
			SYS(close, directory);
			return failed(c, "unlink", file, err);
		}
	}
	SYS(close, directory);
	err = SYS(unlinkat, -100, a[0].string, 0x200 /* AT_REMOVEDIR */);
	if (err < 0 && err != -ENOENT)
		return failed(c, "rmdir", a[0].string, err);
	c->removed = 1;
	return 0;
}

/* A user namespace that only carries mappings, for an id-mapped mount: it lives as long as its descriptor. */
int userns_with_mappings(struct ctx *c, const char *uid_map, const char *gid_map)
{
	struct exit_info info;
	int pidfd = -1, saved = c->pid;
	long pid = clone_process(CLONE_NEWUSER, &pidfd, -1);
	long fd = -1;
	int err;

	if (pid < 0)
		return failed(c, "clone3", NULL, pid);
	if (pid == 0) {
		for (;;)
			SYS(ppoll, NULL, 0, NULL, NULL, 0);
	}
	c->pid = (int)pid;
	err = write_proc(c, "gid_map", gid_map);
	if (err == 0)
		err = write_proc(c, "uid_map", uid_map);
	if (err == 0) {
		char path[64];
		size_t length = put_text(path, sizeof(path), 0, "/proc/");

		length = put_number(path, sizeof(path), length, (uint64_t)pid);
		put_text(path, sizeof(path), length, "/ns/user");
		fd = SYS(openat, -100, path, 02000000, 0);
		err = fd < 0 ? failed(c, "open", "/proc/PID/ns/user", fd) : 0;
	}
	c->pid = saved;
	SYS(pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	SYS(waitid, P_PIDFD, pidfd, &info, WEXITED, NULL);
	SYS(close, pidfd);
	return err < 0 ? err : (int)fd;
}
