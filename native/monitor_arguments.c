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

static int set_health(struct health *h, const char *word)
{
	return set_number(word, "health-interval", &h->interval_ms) || set_number(word, "health-timeout", &h->timeout_ms) ||
	       set_number(word, "health-start-period", &h->start_period_ms) ||
	       set_number(word, "health-start-interval", &h->start_interval_ms) ||
	       set_number(word, "health-retries", &h->retries);
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
	else if (text_equals(word, "recover"))
		m->recovers_only = 1;
	else if (text_equals(word, "terminal"))
		m->has_terminal = 1;
	else if (text_equals(word, "input"))
		m->keeps_input = 1;
	else if (text_equals(word, "input-once"))
		m->input_once = 1;
	else if (set_number(word, "client", &number))
		client_accept(m, (int)number);
	else if (set_number(word, "timeout", &m->timeout_ms))
		;
	else if (set_number(word, "adopt", &number))
		m->pid = (int)number;
	else if (set_number(word, "pass", &number) && m->passed_count < MAX_PASSED)
		m->passed[m->passed_count++] = (int)number;
	else if (!set_number(word, "log-bytes", &m->log_max_bytes) &&
		 !set_number(word, "log-files", &m->log_max_files) && !set_health(&m->health, word))
		return -1;
	return 0;
}

/* Where a vector of this name goes; NULL for none. */
static struct command *vector_named(struct monitor *m, const char *word, uint64_t *count)
{
	if (set_number(word, "run", count))
		return m->command_count < MAX_COMMANDS ? &m->commands[m->command_count++] : NULL;
	if (set_number(word, "exit", count))
		return &m->exit_command;
	if (set_number(word, "restart", count))
		return &m->restart_command;
	if (set_number(word, "health", count))
		return &m->health.check;
	return set_number(word, "health-change", count) ? &m->health.change : NULL;
}

/* "NAME=N" and N words behind it, which are copied with two NULLs at their end: one more word may be added. */
int read_arguments(struct monitor *m, int argc, char **argv, char ***vectors)
{
	int executable = -1;

	for (int i = 2; i < argc; i++) {
		uint64_t count = 0, number;
		struct command *command = vector_named(m, argv[i], &count);

		if (command == NULL) {
			if (set_number(argv[i], "run-fd", &number))
				executable = (int)number;
			else if (set_plain(m, argv[i]) < 0)
				return -1;
			continue;
		}
		if (count == 0 || count > (uint64_t)(argc - i - 1))
			return -1;
		command->argv = *vectors;
		command->fd = executable;
		for (uint64_t j = 0; j < count; j++)
			command->argv[j] = argv[++i];
		command->argv[count] = command->argv[count + 1] = NULL;
		*vectors += count + 2;
		executable = -1;
	}
	return m->exit_path == NULL ? -1 : 0;
}
