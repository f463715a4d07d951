/*
 * What keeps a container's streams while `mydocker` itself is gone: see monitor.c. Single thread, no malloc.
 */
#ifndef MONITOR_H
#define MONITOR_H

#include "io.h"
#include "proc_stat.h"
#include "sys.h"
#include "text.h"

#include <linux/errno.h>

#include <asm/termbits.h>
#include <asm/termios.h>

#define CHUNK 4080		/* what is read at once; no more than PIPE_BUF, so that a ready pipe takes all of it */
#define MAX_CLIENTS 16
#define MAX_COMMANDS 4
#define MAX_KEYS 16
#define MAX_PASSED 8
#define PATH_SIZE 4096
#define UNKNOWN_STATUS 255	/* nobody saw how it ended, or its time was over */

#define MAX_PID (1u << 30)
#define TIME_SIZE 36		/* RFC 3339 with nanoseconds */

enum { STREAM_OUT, STREAM_ERR, STREAM_COUNT };
enum { HEALTH_UNKNOWN, HEALTHY, UNHEALTHY };
enum { CHECK_NONE, CHECK_STARTS, CHECK_RUNS };

/* What was read from each stream last, and what the log has of it: see monitor_chunk.c. */
struct kept_chunks {
	uint64_t reading;		/* a stream, the length of its carry, and what is read behind it; 0 when all is logged */
	uint64_t logged;		/* the size of the log, and how much of the chunk is in it */
	uint64_t carry[STREAM_COUNT];	/* the bytes of an unfinished character, which the log gets with the next chunk */
	char data[STREAM_COUNT][CHUNK];
};

/* One stream of the container's. */
struct stream {
	int fd;
	char *data;		/* of CHUNK bytes: the carry, and behind it what was read */
	size_t start, length;	/* the chunk that some client has not taken whole yet; length 0 when all have */
};

/* A process of `mydocker` that shows the container's streams or waits for its end. */
struct client {
	int socket;
	int input;			/* -1 where it gives none */
	int output[STREAM_COUNT];	/* its own descriptors, opened anew where that makes them non-blocking */
	size_t taken[STREAM_COUNT];	/* how much of the stream's chunk it has been given */
	int is_cleaner;			/* clears up after the container by itself, and says so */
	int is_raw;			/* its terminal was made raw here */
	struct termios saved;
	char keys[MAX_KEYS];		/* what ends its attachment */
	size_t key_count, keys_seen;
	char line[64];			/* a message that has not come whole yet */
	size_t line_length;
};

struct command {
	char **argv;
	int fd;				/* an open executable, or -1: then argv[0] is its path */
};

/* See monitor_health.c. */
struct health {
	/* What it was started with; without a command nothing is checked. */
	struct command check, change;
	uint64_t interval_ms, timeout_ms, start_period_ms, start_interval_ms, retries;
	/* What is known. Times are of the monotonic clock. */
	int status;
	uint64_t streak, count;
	int64_t begun;			/* the container, or the monitor that goes on with it */
	int64_t due;			/* the next check, or the end of the one that runs */
	int change_pid;			/* what tells a change: until it has ended there is no other check */
	/* The check that runs. */
	int phase, pid, output, is_cut, is_killed;
	size_t length;
	int64_t check_begun;
	char start_text[TIME_SIZE];
};

struct monitor {
	char *const *envp;
	/* What it was started with. */
	const char *log_path;		/* NULL: nothing is logged */
	uint64_t log_max_bytes;		/* 0: one file without a limit */
	uint64_t log_max_files;
	const char *exit_path;
	int is_durable;
	int has_terminal, keeps_input, input_once;
	uint64_t timeout_ms;		/* 0: it may run for ever */
	const char *held_path;		/* a file to have a shared lock on, or NULL */
	struct command commands[MAX_COMMANDS];
	int command_count;
	struct command exit_command, restart_command;
	int passed[MAX_PASSED];		/* descriptors that only the runtime inherits */
	int passed_count;
	/* What it holds. */
	int signals, listener, lock, console, master;
	int input;			/* where the container's standard input is written */
	int container_input;		/* its other end, until the commands have run */
	size_t pending_at, pending_end;
	struct stream streams[STREAM_COUNT];
	struct kept_chunks *kept;
	struct client clients[MAX_CLIENTS];
	int log_fd;
	uint64_t log_size;
	/* The container. */
	int pid, pidfd;
	int is_adopted;			/* not a child: an earlier monitor was killed */
	int recovers_only;		/* and the container has ended since */
	int has_ended;
	int is_ending;			/* its end was told */
	int exit_status;		/* 128+n for a signal */
	int64_t deadline;		/* of the monotonic clock; 0: none */
	int is_timed_out;
	struct health health;
	/* Last, so that what is used all the time lies together: a page that nothing touches takes no memory. */
	char pending[CHUNK];		/* from a client, not yet taken by the container */
};

/* monitor_arguments.c: 0, or -1 for what is none; the vectors that are copied go to `vectors`. */
int read_arguments(struct monitor *m, int argc, char **argv, char ***vectors);

/* monitor_serve.c */
void serve(struct monitor *m, int timeout_ms);

/* monitor_streams.c */
int listen_at(const char *name);
int open_streams(struct monitor *m);
void take_terminal(struct monitor *m);
void copy_size(struct monitor *m, const struct client *client);
int take_output(struct monitor *m, int stream);
void give_input(struct monitor *m);
void drain_streams(struct monitor *m);

/* monitor_chunk.c */
void keep_chunks(struct monitor *m);
long read_chunk(struct monitor *m, int stream);
void log_carry(struct monitor *m, int stream);
void recover_chunk(struct monitor *m);
void note_logged(struct monitor *m, size_t done, uint64_t log_size);
size_t noted_done(const struct monitor *m);

/* monitor_process.c */
int read_pid_file(const char *name);
int write_process_file(const char *name, int pid);
int note_process(struct monitor *m, int pid);
void reap(struct monitor *m);
int adopted_status(const struct monitor *m);
void write_exit(struct monitor *m, const char *word);

/* monitor_log.c */
/* A part of the stream's chunk. */
void log_chunk(struct monitor *m, int stream, size_t from, size_t to);
void cut_log(struct monitor *m, uint64_t size);
size_t put_time(char *buffer, size_t size, size_t at);
size_t unfinished_character(const char *data, size_t length);

/* monitor_client.c */
void client_accept(struct monitor *m, int socket);
void client_message(struct monitor *m, struct client *client);
void client_drop(struct client *client);
void clients_tell(struct monitor *m, const char *word, uint64_t number);
void client_input(struct monitor *m, struct client *client);
void clients_give(struct monitor *m, int stream);
int clients_have_all(const struct monitor *m, int stream);
int client_is_cleaning(const struct monitor *m);

/* monitor_terminal.c */
void make_raw(struct client *client);
void restore_terminal(struct client *client);
int without_blocking(int fd);
void read_keys(struct client *client, const char *hex);
size_t pass_keys(struct client *client, char **data, size_t length, int *found);

/* monitor_health.c */
void health_begin(struct monitor *m);
void health_adopt(struct monitor *m);
int health_wait_ms(const struct monitor *m);
void health_step(struct monitor *m);
void health_reaped(struct monitor *m, int pid, int wait_status);
long health_read(struct monitor *m);
void health_end(struct monitor *m);

/* monitor_deadline.c */
void deadline_begin(struct monitor *m);
int deadline_wait_ms(const struct monitor *m);
void deadline_step(struct monitor *m);
void deadline_end(struct monitor *m);

/* monitor_run.c */
int64_t monotonic_ms(void);
int wait_ms(int64_t due);
/* Without input, and with this for its output: -1 for none. Returns the pid, or -errno. */
int start_command(const struct monitor *m, const struct command *command, int output);
int run_command(struct monitor *m, const struct command *command, int with_streams);
/* As a shell has it: 128 and the number of a signal. */
int exit_status_of(int wait_status);
/* All of it or nothing, whoever reads it, and whatever ends the machine where it is durable. */
int write_text_file(const char *path, const char *text, size_t length, int durable);

#endif
