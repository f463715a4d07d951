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

static const char *const bare[] = { "--systemd-cgroup", NULL };
static const char *const formats[] = { "text", "json", NULL };
static const char *const managers[] = { "cgroupfs", "systemd", NULL };
static const char *const modes[] = { "auto", "true", "false", NULL };

/* Flags with a value: which values are known here, or NULL for any text. The log gets failures only. */
static const struct {
	const char *name;
	const char *const *values;
} valued[] = { { "--root", NULL }, { "--log", NULL }, { "--log-format", formats },
	       { "--cgroup-manager", managers }, { "--rootless", modes } };

/* "--name=value" or "--name": what stands behind the name, or NULL for another flag. */
static const char *behind_name(const char *word, const char *name)
{
	size_t length = strlen(name);

	return text_starts(word, name) && (word[length] == '\0' || word[length] == '=') ? word + length : NULL;
}

/* Takes the flag at an index; returns the index of the word that follows, or -1. */
static int take_flag(struct hot_call *call, int at)
{
	const char *word = call->argv[at];

	if (is_one_of(word, bare))
		return at + 1;
	for (size_t i = 0; i < sizeof(valued) / sizeof(valued[0]); i++) {
		const char *rest = behind_name(word, valued[i].name);
		const char *value;

		if (rest == NULL)
			continue;
		value = *rest == '=' ? rest + 1 : call->argv[at + 1];
		if (value == NULL || (valued[i].values != NULL && !is_one_of(value, valued[i].values)))
			return -1;
		if (i == 0)
			call->root = value;
		return *rest == '=' ? at + 1 : at + 2;
	}
	return -1;
}

/* Whether this verb of its own takes the flag, and does the same with it where all is as usual. */
static int is_own_flag(const struct hot_call *call, const char *word)
{
	return call->verb != NULL && text_equals(call->verb, "delete") &&
	       (text_equals(word, "--force") || text_equals(word, "-f"));
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

static int parse(struct hot_call *call)
{
	for (int at = 1; at < call->argc;) {
		const char *word = call->argv[at];

		if (is_own_flag(call, word))
			at++;
		else
			at = word[0] == '-' ? take_flag(call, at) : take_word(call, at);
		if (at < 0)
			return -1;
	}
	return call->id == NULL ? -1 : 0;
}

/* The rule of src/state/store.ts. */
static int is_id(const char *id)
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

/* A relative root, or one with "..", means to the engine what its text says, and to the kernel what symbolic links say. */
static int is_plain_root(const char *root)
{
	if (root == NULL || root[0] != '/' || root[1] == '\0')
		return 0;
	for (; *root != '\0'; root++) {
		if (root[0] == '/' && (root[1] == '/' || root[1] == '.'))
			return 0;
	}
	return 1;
}

int hot_verb(int argc, char **argv, char **envp)
{
	struct hot_call call = { .argc = argc, .argv = argv };

	if (parse(&call) < 0 || !is_id(call.id))
		return FOR_THE_ENGINE;
	if (call.root == NULL)
		call.root = default_root(envp);
	if (!is_plain_root(call.root))
		return FOR_THE_ENGINE;
	if (text_equals(call.verb, "state"))
		return hot_state(&call);
	if (text_equals(call.verb, "kill"))
		return hot_kill(&call);
	if (text_equals(call.verb, "start"))
		return hot_start(&call, envp);
	if (text_equals(call.verb, "delete"))
		return hot_delete(&call);
	return FOR_THE_ENGINE;
}
