/*
 * The hot verbs: `state`, `start`, `kill`, `delete` and `list` of containers about which there is nothing unusual, and `run`,
 * `create` and `exec` with a plan that has been kept, carried out by the launcher without the engine, whose start takes longer than all that they do. Only what succeeds ends here: on
 * anything else, from an unknown flag to a process that is in the way, the engine runs the same line from its beginning
 * and says what is to be said. Until then nothing has changed but what the engine would find done.
 */
#ifndef HOT_H
#define HOT_H

#include "io.h"
#include "plan_cache.h"
#include "sys.h"
#include "text.h"

#include <linux/limits.h>

/* Instead of an exit status: the engine is to do it. */
#define FOR_THE_ENGINE (-1)

#define MAX_WORDS 64

/* A command line with a hot verb; texts that it does not have are NULL. */
struct hot_call {
	int argc;
	char **argv;
	int verb_at, id_at;	/* indices into argv */
	const char *root, *log, *log_format, *cgroup_manager, *rootless;
	const char *verb;
	const char *id;
	const char *signal;	/* of kill */
	const char *bundle, *pid_file, *console_socket, *process, *format;
	char systemd_cgroup, force;
	/* Other flags of run, create and exec, with their values. */
	const char *words[MAX_WORDS];
	int word_count;
};

/* A container whose state.json holds what this program knows, and nothing else. */
struct container {
	int directory;	/* its own; of one that is read only, the state root */
	char socket[NAME_MAX + 32];	/* on which the init waits, from there */
	struct span id, oci_version, bundle, rootfs, created, owner, annotations;
	uint64_t pid, start_time;
	char v2[4096], freezer[4096];	/* "" where there is none */
};

enum status { STATUS_STOPPED, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED };

/* hot.c: the verb's exit status, or FOR_THE_ENGINE. */
int hot_verb(int argc, char **argv, char **envp);
/* Whether a container can have this name. */
int is_id(const char *id);
/* Whether the path is absolute and holds nothing that could be resolved in two ways. */
int is_plain_path(const char *path);

/* hot_container.c: each returns -1 for what is for the engine. */
int container_open(struct container *c, const struct hot_call *call, int locked);
/* Of one of many: the texts are in a buffer that the next one is read into. */
int container_read(struct container *c, int root, const char *id);
int container_status(const struct container *c);
int process_alive(uint64_t pid, uint64_t start_time);
/* Maps a file of the container's directory. An empty one is refused. */
int container_map(const struct container *c, const char *name, struct span *text);
/* Whether the stored config has these hooks: 1 or 0. */
int container_has_hooks(struct span config, const char *kind);

/* hot_verbs.c, hot_start.c, hot_delete.c, hot_list.c */
int hot_state(const struct hot_call *call);
int hot_kill(const struct hot_call *call);
int hot_start(const struct hot_call *call, char **envp);
int hot_delete(const struct hot_call *call);
int hot_list(const struct hot_call *call);

/* hot_create.c, hot_exec.c: with a kept plan, see plan_cache.h. */
int hot_create(const struct hot_call *call, char **envp);
int hot_exec(const struct hot_call *call, char **envp);

/* A plan that may have been kept. */
struct wanted_plan {
	const struct hot_call *call;
	char **envp;
	struct out subject;
	struct parameters parameters;
};

/* hot_plan.c */
/* Begins the subject with the call and the host; -1 for a call that is the engine's. */
int plan_begin(struct wanted_plan *plan);
void plan_set(struct wanted_plan *plan, size_t parameter, const char *value);
/*
 * The kept plan with its parameters filled in; -1 where there is none, and then the engine is asked to keep it, if this
 * subject has been seen before.
 */
int plan_find(struct wanted_plan *plan, struct out *state, struct out *image);

/* hot_hand_over.c: becomes the static program; returns only when that fails. */
void plan_hand_over(const struct wanted_plan *plan, const struct out *image, int lock);

/* hot_facts.c: adds what plans depend on beside the config; -1 for a caller or a host whose plans are not kept. */
int facts_add(struct out *subject);

/* launcher.c */
extern char engine[];
/* The descriptor of a request to keep a plan, which the engine is told of; or -1. */
extern int plan_request;
/* Becomes the engine; returns only when that fails. */
long become_engine(char **argv, char **envp);
/* As become_engine, with an open executable. */
long become_program(int fd, char **argv, char **envp);

#endif
