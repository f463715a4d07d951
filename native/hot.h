/*
 * The hot verbs: `state`, `start`, `kill` and `delete` of a container about which there is nothing unusual, carried out
 * by the launcher without the engine, whose start takes longer than all that they do. Only what succeeds ends here: on
 * anything else, from an unknown flag to a process that is in the way, the engine runs the same line from its beginning
 * and says what is to be said. Until then nothing has changed but what the engine would find done.
 */
#ifndef HOT_H
#define HOT_H

#include "io.h"
#include "json.h"
#include "sys.h"
#include "text.h"

/* Instead of an exit status: the engine is to do it. */
#define FOR_THE_ENGINE (-1)

/* A command line with a hot verb. */
struct hot_call {
	int argc;
	char **argv;
	int verb_at, id_at;	/* indices into argv */
	const char *root;
	const char *verb;
	const char *id;
	const char *signal;	/* of kill, or NULL */
};

/* A container whose state.json holds what this program knows, and nothing else. */
struct container {
	int directory;
	struct span id, oci_version, bundle, rootfs, created, owner, annotations;
	uint64_t pid, start_time;
	char v2[4096], freezer[4096];	/* "" where there is none */
};

enum status { STATUS_STOPPED, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED };

/* hot.c: the verb's exit status, or FOR_THE_ENGINE. */
int hot_verb(int argc, char **argv, char **envp);

/* hot_container.c: each returns -1 for what is for the engine. */
int container_open(struct container *c, const struct hot_call *call, int locked);
int container_status(const struct container *c);
int process_alive(uint64_t pid, uint64_t start_time);
/* Maps a file of the container's directory. An empty one is refused. */
int container_map(const struct container *c, const char *name, struct span *text);
/* Whether the stored config has these hooks: 1 or 0. */
int container_has_hooks(struct span config, const char *kind);

/* hot_verbs.c, hot_start.c, hot_delete.c */
int hot_state(const struct hot_call *call);
int hot_kill(const struct hot_call *call);
int hot_start(const struct hot_call *call, char **envp);
int hot_delete(const struct hot_call *call);

/* launcher.c: becomes the engine; returns only when that fails. */
long become_engine(char **argv, char **envp);

#endif
