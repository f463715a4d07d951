/*
 * Tells from inside a container what it is like there, and does what a test wants done there. See probe.h.
 * -o FILE appends to a file instead of writing to standard output.
 */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

void print_outcome(long result)
{
	if (result < 0) {
		json_error(errno);
		return;
	}
	json_open(NULL, '{');
	json_bool("ok", 1);
	json_close('}');
}

static const struct command *find(const struct command *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static void run_command(int argc, char **argv)
{
	const struct command *command = find(report_commands, argv[0]);

	if (command == NULL)
		command = find(act_commands, argv[0]);
	if (command == NULL || argc - 1 < command->min_args) {
		fprintf(stderr, "probe: no such command, or too few arguments: %s\n", argv[0]);
		exit(99);
	}
	command->run(argv + 1);
	if (!command->is_silent)
		json_end_line();
}

int main(int argc, char **argv)
{
	int first = 1;

	json_out = stdout;
	if (argc > 2 && strcmp(argv[1], "-o") == 0) {
		json_out = fopen(argv[2], "ae");
		if (json_out == NULL) {
			fprintf(stderr, "probe: cannot open %s: %s\n", argv[2], strerror(errno));
			return 99;
		}
		first = 3;
	}
	for (int i = first; i <= argc; i++) {
		if (i < argc && strcmp(argv[i], "--") != 0)
			continue;
		argv[i] = NULL;
		if (i > first)
			run_command(i - first, argv + first);
		first = i + 1;
	}
	return 0;
}
