/*
 * A command of the probe: `probe [-o FILE] NAME ARG… [-- NAME ARG…]…`. Each prints one line of JSON: its result or
 * {"error":"ENOENT"}.
 */
#ifndef PROBE_H
#define PROBE_H

struct command {
	const char *name;
	int min_args;
	/* argv[0] is the first argument; ends with NULL. */
	void (*run)(char **argv);
	/* Prints nothing on success. */
	int is_silent;
};

/* Both end with an entry without a name. */
extern const struct command report_commands[];
extern const struct command act_commands[];

/* Prints {"ok":true}, or the error where the result of a system call is negative. */
void print_outcome(long result);

#endif
