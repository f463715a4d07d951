/* Reads a command line with a hot verb: see hot.h. The flags are those of src/cli/global-options.ts that change nothing here. */
#include "hot.h"

#define DEFAULT_ROOT "/run/mydocker-runtime"

static int is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (text_equals(text, *words))
			return 1;
	}
	return 0;
}

static const char *const formats[] = { "text", "json", NULL };
static const char *const managers[] = { "cgroupfs", "systemd", NULL };
static const char *const table[] = { "table", NULL };
static const char *const modes[] = { "auto", "true", "false", NULL };

/* Which verbs know a flag: all of them, or only those that make a plan, or one of these. */
enum { ALL = 1, DELETE = 2, CREATE = 4, RUN = 8, EXEC = 16, LIST = 32 };

/* What a flag does: its value goes into the call, the call notes it, or the plan's subject gets its words. */
enum kind { TEXT, MARKED, WORD, WORD_AND_VALUE };

/* From src/cli/flags.gen.ts those that are known here. */
static const struct flag {
	const char *name;
	char letter;
	unsigned verbs;
	enum kind kind;
	size_t at;			/* in struct hot_call */
	const char *const *values;	/* the known ones, or NULL for any */
} flags[] = {
	{ "--root", 0, ALL, TEXT, offsetof(struct hot_call, root), NULL },
	{ "--log", 0, ALL, TEXT, offsetof(struct hot_call, log), NULL },
	{ "--log-format", 0, ALL, TEXT, offsetof(struct hot_call, log_format), formats },
	{ "--cgroup-manager", 0, ALL, TEXT, offsetof(struct hot_call, cgroup_manager), managers },
	{ "--rootless", 0, ALL, TEXT, offsetof(struct hot_call, rootless), modes },
	{ "--systemd-cgroup", 0, ALL, MARKED, offsetof(struct hot_call, systemd_cgroup), NULL },
	{ "--force", 'f', DELETE, MARKED, offsetof(struct hot_call, force), NULL },
	{ "--bundle", 'b', CREATE | RUN, TEXT, offsetof(struct hot_call, bundle), NULL },
	{ "--pid-file", 0, CREATE | RUN | EXEC, TEXT, offsetof(struct hot_call, pid_file), NULL },
	{ "--console-socket", 0, CREATE | RUN | EXEC, TEXT, offsetof(struct hot_call, console_socket), NULL },
	{ "--no-new-keyring", 0, CREATE | RUN, WORD, 0, NULL },
	{ "--detach", 'd', RUN | EXEC, WORD, 0, NULL },
	{ "--keep", 0, RUN, WORD, 0, NULL },
	{ "--format", 'f', LIST, TEXT, offsetof(struct hot_call, format), table },
	{ "--process", 'p', EXEC, TEXT, offsetof(struct hot_call, process), NULL },
	{ "--tty", 't', EXEC, WORD, 0, NULL },
	{ "--cwd", 0, EXEC, WORD_AND_VALUE, 0, NULL },
	{ "--env", 'e', EXEC, WORD_AND_VALUE, 0, NULL },
	{ "--user", 'u', EXEC, WORD_AND_VALUE, 0, NULL },
};

static unsigned verbs_of(const struct hot_call *call)
{
	static const struct {
		const char *name;
		unsigned verb;
	} verbs[] = { { "delete", DELETE }, { "create", CREATE }, { "run", RUN }, { "exec", EXEC }, { "list", LIST } };

	for (size_t i = 0; call->verb != NULL && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (text_equals(call->verb, verbs[i].name))
			return ALL | verbs[i].verb;
	}
	return ALL;
}

/* What stands behind the flag's name in the word: "", "=value", or NULL for another flag. */
static const char *behind_name(const char *word, const struct flag *flag)
{
	size_t length = strlen(flag->name);

	if (flag->letter != 0 && word[1] == flag->letter && word[2] == '\0')
		return word + 2;
	return text_starts(word, flag->name) && (word[length] == '\0' || word[length] == '=') ? word + length : NULL;
}

static int keep_word(struct hot_call *call, const char *word)
{
	if (call->word_count == MAX_WORDS)
		return -1;
	call->words[call->word_count++] = word;
	return 0;
}

/* Stores a flag with its value, NULL for one without; -1 where it is not for this program. */
static int store_flag(struct hot_call *call, const struct flag *flag, const char *value)
{
	char *place = (char *)call + flag->at;

	switch (flag->kind) {
	case TEXT:
		if (value == NULL || (flag->values != NULL && !is_one_of(value, flag->values)))
			return -1;
		memcpy(place, &value, sizeof(value));
		return 0;
	case MARKED:
		*place = 1;
		return value == NULL ? 0 : -1;
	case WORD:
		return value == NULL ? keep_word(call, flag->name) : -1;
	default:
		return value == NULL || keep_word(call, flag->name) < 0 ? -1 : keep_word(call, value);
	}
}

/* Takes the flag at an index; returns the index of the word that follows, or -1. */
static int take_flag(struct hot_call *call, int at)
{
	const char *word = call->argv[at];
	unsigned verbs = verbs_of(call);

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		const struct flag *flag = &flags[i];
		const char *rest = (flag->verbs & verbs) == 0 ? NULL : behind_name(word, flag);
		int has_value = flag->kind == TEXT || flag->kind == WORD_AND_VALUE;

		if (rest == NULL)
			continue;
		if (*rest == '=' || !has_value)
			return store_flag(call, flag, *rest == '=' ? rest + 1 : NULL) < 0 ? -1 : at + 1;
		return store_flag(call, flag, call->argv[at + 1]) < 0 ? -1 : at + 2;
	}
	return -1;
}

static int take_word(struct hot_call *call, int at)
{
	const char *word = call->argv[at];

	if (call->verb == NULL) {
		call->verb = word;
		call->verb_at = at;
	} else if (call->id == NULL) {
		call->id = word;
		call->id_at = at;
	} else if (call->signal == NULL && text_equals(call->verb, "kill")) {
		call->signal = word;
	} else {
		return -1;
	}
	return at + 1;
}

/* What stands behind the container of `exec` is its command line. */
static int parse(struct hot_call *call)
{
	for (int at = 1; at < call->argc;) {
		if (call->id != NULL && text_equals(call->verb, "exec"))
			break;
		at = call->argv[at][0] == '-' ? take_flag(call, at) : take_word(call, at);
		if (at < 0)
			return -1;
	}
	return call->verb == NULL ? -1 : 0;
}

/* The rule of src/state/store.ts. */
int is_id(const char *id)
{
	size_t length = 0;

	for (; id[length] != '\0'; length++) {
		char byte = id[length];

		if (!((byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
		      byte == '_' || byte == '+' || byte == '.' || byte == '-'))
			return 0;
	}
	return length > 0 && length < 256 && !text_equals(id, ".") && !text_equals(id, "..");
}

/* Whoever has XDG_RUNTIME_DIR may be an ordinary user, whose default is another: src/cli/state-root.ts. */
static const char *default_root(char **envp)
{
	if (SYS(geteuid) != 0)
		return NULL;
	for (; *envp != NULL; envp++) {
		if (text_starts(*envp, "XDG_RUNTIME_DIR=") && (*envp)[16] != '\0')
			return NULL;
	}
	return DEFAULT_ROOT;
}

/* A relative path, or one with "..", means to the engine what its text says, and to the kernel what symbolic links say. */
int is_plain_path(const char *path)
{
	if (path == NULL || path[0] != '/' || path[1] == '\0')
		return 0;
	for (; *path != '\0'; path++) {
		if (path[0] == '/' && (path[1] == '/' || path[1] == '.' || path[1] == '\0'))
			return 0;
	}
	return 1;
}

int hot_verb(int argc, char **argv, char **envp)
{
	struct hot_call call = { .argc = argc, .argv = argv };

	if (parse(&call) < 0)
		return FOR_THE_ENGINE;
	if (call.root == NULL)
		call.root = default_root(envp);
	if (!is_plain_path(call.root))
		return FOR_THE_ENGINE;
	if (text_equals(call.verb, "list"))
		return hot_list(&call);
	if (call.id == NULL || !is_id(call.id))
		return FOR_THE_ENGINE;
	if (text_equals(call.verb, "state"))
		return hot_state(&call);
	if (text_equals(call.verb, "kill"))
		return hot_kill(&call);
	if (text_equals(call.verb, "start"))
		return hot_start(&call, envp);
	if (text_equals(call.verb, "delete"))
		return hot_delete(&call);
	if (text_equals(call.verb, "run") || text_equals(call.verb, "create"))
		return hot_create(&call, envp);
	if (text_equals(call.verb, "exec"))
		return hot_exec(&call, envp);
	return FOR_THE_ENGINE;
}
