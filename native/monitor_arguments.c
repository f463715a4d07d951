/* What a monitor is told on its command line: see monitor.c. */
#include "monitor.h"

static const char *value_of(const char *word, const char *name)
{
	if (!text_starts(word, name))
		return NULL;
	word += strlen(name);
	return *word == '=' ? word + 1 : NULL;
}

static int set_number(const char *word, const char *name, uint64_t *number)
{
	const char *value = value_of(word, name);

	return value != NULL && parse_decimal(value, number) == 0;
}

static int set_plain(struct monitor *m, const char *word)
{
	uint64_t number = 0;
	const char *value;

	if ((value = value_of(word, "log")) != NULL)
		m->log_path = value;
	else if ((value = value_of(word, "exit-file")) != NULL)
		m->exit_path = value;
	else if ((value = value_of(word, "hold")) != NULL)
		m->held_path = value;
	else if (text_equals(word, "durable"))
		m->is_durable = 1;
	else if (text_equals(word, "terminal"))
		m->has_terminal = 1;
	else if (text_equals(word, "input"))
		m->keeps_input = 1;
	else if (text_equals(word, "input-once"))
		m->input_once = 1;
	else if (set_number(word, "client", &number))
		client_accept(m, (int)number);
	else if (set_number(word, "adopt", &number))
		m->pid = (int)number;
	else if (set_number(word, "pass", &number) && m->passed_count < MAX_PASSED)
		m->passed[m->passed_count++] = (int)number;
	else if (!set_number(word, "log-bytes", &m->log_max_bytes) && !set_number(word, "log-files", &m->log_max_files))
		return -1;
	return 0;
}

/* "NAME=N" and N words behind it, which are copied with a NULL at their end. */
int read_arguments(struct monitor *m, int argc, char **argv, char ***vectors)
{
	int executable = -1;

	for (int i = 2; i < argc; i++) {
		struct command command = { NULL, executable };
		uint64_t count, number;
		int is_run = set_number(argv[i], "run", &count), is_exit = set_number(argv[i], "exit", &count);

		if (!is_run && !is_exit && !set_number(argv[i], "restart", &count)) {
			if (set_number(argv[i], "run-fd", &number))
				executable = (int)number;
			else if (set_plain(m, argv[i]) < 0)
				return -1;
			continue;
		}
		if (count == 0 || count > (uint64_t)(argc - i - 1) || (is_run && m->command_count == MAX_COMMANDS))
			return -1;
		for (uint64_t j = 0; j < count; j++)
			(*vectors)[j] = argv[++i];
		(*vectors)[count] = NULL;
		command.argv = *vectors;
		*vectors += count + 1;
		if (is_run)
			m->commands[m->command_count++] = command;
		else
			*(is_exit ? &m->exit_command : &m->restart_command) = (struct command){ command.argv, -1 };
		executable = -1;
	}
	return m->exit_path == NULL ? -1 : 0;
}
