/* What one process of the interpreter knows. Single thread, no malloc, no text: see docs/architecture.md. */
#ifndef CTX_H
#define CTX_H

#include "image.h"
#include "io.h"
#include "sys.h"
#include "text.h"

#include <linux/errno.h>

/* Slots that mean the same in every plan (src/plan/op-table.ts). */
#define SLOT_LOCK 0
#define SLOT_REPORT 1

#define PATH_SIZE 4096
#define MAX_FOUND 256
#define PAGE_BYTES 4096

struct ctx {
	struct image image;
	struct step *steps;
	uint32_t first_step;	/* the number of steps[0]: earlier ones are given back while the container runs */
	uint32_t step;		/* the number of the step under way */
	enum stage stage;

	int sync;		/* the socket between the parent and its child */
	int journal;
	int root;		/* the container's root directory */
	int mask;		/* the tmpfs behind masked directories */
	int notify;		/* the container's notify socket, in a foreground run */
	const char *manager;	/* the service manager's */
	int trace;		/* where each step is told of, or -1 */
	int terminal;		/* the master of the container's terminal, in a foreground run */

	int pid;		/* the container's init, as seen from here */
	int pidfd;
	int intermediate;	/* its pid while it lives */
	uint64_t start_time;	/* of init, in clock ticks since boot */
	int exited;		/* the container's process has ended and was reaped */
	int exit_status;	/* 128+n for a signal */
	int ended;		/* the container's command has run to its end: only clearing up is left */
	int removed;		/* its state has gone too: its id may be another's already */
	int child_failed;	/* the record is the child's own */
	int warned;		/* the record holds a failure that changes nothing */

	struct moved *moved;	/* the last network device that is in the container's namespace now */

	const char **vector;	/* room for the longest list of the plan, a few more and a NULL */
	char *const *envp;

	/* Why a step failed: the system call, what it was about, and what the kernel or a hook said. */
	const char *call;
	const char *detail;
	size_t note_length;
	size_t record_length;
	int found_count;

	/* Behind what every process uses, so that what is used seldom takes no memory. */
	const char *found[MAX_FOUND];	/* cgroups that were there before: not this run's to remove */
	int slots[SLOT_COUNT];		/* a descriptor and 1, so that 0 is an empty one: see slot_put */
	char note[512];
	_Alignas(PAGE_BYTES) char record[8192];	/* a failure record, own or received from the child */
	char home[PATH_SIZE];	/* "HOME=..." when the config sets none */
	char command[PATH_SIZE];	/* what exec.find found */
};

/* The ops: 0, or a negative errno after failed(). */
#define X(name, signature, stages) int op_##name(struct ctx *c, const union arg *a);
FOR_EACH_OP(X)
#undef X

/* Notes what failed and returns the negative errno; `detail` must outlive the step (or be NULL). */
int failed(struct ctx *c, const char *call, const char *detail, long err);

/* A slot holds a descriptor that one step opens and later ones use. */
int slot_put(struct ctx *c, uint64_t slot, int fd);
int slot_get(struct ctx *c, uint64_t slot);
/* Empties it: the descriptor is the caller's to close. */
int slot_take(struct ctx *c, uint64_t slot);

/* report.c */
void record_build(struct ctx *c, long err);
void record_send(struct ctx *c);
_Noreturn void report_and_exit(struct ctx *c, const char *kind);

/* signals.c */
void signals_block(void);
void signals_restore(void);

/* ops_sync.c */
int sync_receive_fd(struct ctx *c, char expected, const char *barrier, int *fd);
int sync_receive(struct ctx *c, char expected, const char *barrier);
int sync_await_exec(struct ctx *c);

/* ops_notify.c */
void notify_heard(struct ctx *c);

/* ops_monitor.c */
void copy_window_size(struct ctx *c);

/* init.c */
void *map_memory(size_t size);

/* settle.c */
void settle(struct ctx *c);

/* ops_cgroup.c */
int cgroup_processes(const char *directory, char *text, size_t size);
int cgroup_was_found(struct ctx *c, const char *path);

/* ops_credentials.c */
int caps_set_effective(uint64_t wanted, uint64_t *before);

/* ops_hook.c */
int program_run(struct ctx *c, const char *path, char *const *envp, int input, int cwd, uint64_t timeout_ms);

/* ops_child.c */
/* What waitid(2) fills in: enough of siginfo_t. */
struct exit_info {
	int signo, error, code, padding;
	int pid, uid, status;
	char rest[128 - 7 * sizeof(int)];
};
long clone_process(uint64_t flags, int *pidfd, int cgroup);
int child_journal(struct ctx *c);
void child_kill(struct ctx *c);
int read_start_time(int pid, uint64_t *out);
int write_child_proc(struct ctx *c, const char *file, const char *text);

/* ops_idmap.c */
int userns_with_mappings(struct ctx *c, const char *uid_map, const char *gid_map);

/* files.c */
int write_path(struct ctx *c, const char *path, const char *text, size_t size);
int write_atomically(struct ctx *c, const struct replacement *file);
int memfd_of(const char *name, const char *const *pieces, size_t count);
int journal_add(struct ctx *c, const char *line);
int connect_unix(struct ctx *c, const char *path);
int connect_datagrams(struct ctx *c, const char *path);
int bind_datagrams(struct ctx *c, const char *path);
int send_fd(int socket, int fd, const char *data, size_t size);
int receive_fd(int socket, char *data, size_t size, int *fd);

/* ops_net.c */
void net_devices_take_back(struct ctx *c);
void net_devices_leave(struct ctx *c);

/* root.c */
int open_in_root(struct ctx *c, const char *path, uint64_t flags);
int make_target(struct ctx *c, const char *path, int directory);
int journal_made(struct ctx *c, int directory, const char *name, const char *path);

/* ops_dev.c */
int write_to_proc(struct ctx *c, const char *path, const char *value);

/* ops_mount.c */
int make_mount(struct ctx *c, const char *type, const char *source, const char *target, const struct list *data,
	       uint64_t attr);
int attach_mount(struct ctx *c, int mount, const char *path, uint64_t flags, const struct list *propagation);
int set_mount_attr(int fd, uint64_t set, uint64_t clear, uint64_t propagation, int recursive);
int is_directory(int fd);
int mount_attributes(struct ctx *c, const char *path, uint64_t set);

static inline struct step *step_now(struct ctx *c)
{
	return &c->steps[c->step - c->first_step];
}

#endif
