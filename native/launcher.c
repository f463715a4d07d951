/*
 * What `mydocker-runtime` and `mydocker` are: a program that becomes the engine's executable beside it, which has its
 * own name and "-engine" behind it. The engine itself would be too late for two things: variables of the environment
 * make it load other code or become another program before it runs ours, and it raises RLIMIT_NOFILE, which
 * containers would inherit: MYDOCKER_NOFILE tells it what the caller had.
 */
#include "sys.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/resource.h>

#define SUFFIX "-engine"
#define NOFILE "MYDOCKER_NOFILE="

/*
 * The runtime ends, or becomes another program, within milliseconds: compiling at run time takes a thread and memory
 * that it never earns back. Without it `state` takes 1.3 ms less (of 8), `plan` 2 to 3 ms less (of 11 to 13). An engine
 * that does not know the setting refuses to start, which every test would show.
 */
#define SHORT_LIVED "-runtime"
#define NO_JIT "BUN_JSC_useJIT=0"

/* What changes how the engine works; others of Node's are the user's business, such as NODE_ENV for a container. */
static const char *const removed[] = {
	"BUN_", "MIMALLOC_", "NODE_CHANNEL_", "NODE_OPTIONS=", "NODE_PATH=", NOFILE,
};

static int is_removed(const char *variable)
{
	for (size_t i = 0; i < sizeof(removed) / sizeof(removed[0]); i++) {
		const char *prefix = removed[i];
		size_t length = 0;

		while (prefix[length] != '\0' && variable[length] == prefix[length])
			length++;
		if (prefix[length] == '\0')
			return 1;
	}
	return 0;
}

static char *put_text(char *at, const char *text)
{
	size_t length = strlen(text);

	memcpy(at, text, length + 1);
	return at + length;
}

static char *put_number(char *at, uint64_t value)
{
	char digits[21];
	char *first = digits + sizeof(digits) - 1;

	*first = '\0';
	do {
		*--first = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	return put_text(at, first);
}

/* "MYDOCKER_NOFILE=soft:hard", or an empty text where the limit cannot be read. */
static void write_nofile(char *at)
{
	struct rlimit64 limit;

	*at = '\0';
	if (SYS(prlimit64, 0, RLIMIT_NOFILE, NULL, &limit) < 0)
		return;
	at = put_text(at, NOFILE);
	at = put_number(at, limit.rlim_cur);
	at = put_text(at, ":");
	put_number(at, limit.rlim_max);
}

static int ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);
	size_t end_length = strlen(end);

	return length >= end_length && memcmp(text + length - end_length, end, end_length) == 0;
}

/* "<this executable>-engine"; symbolic links to this executable are resolved by the kernel. */
static long find_engine(char *path)
{
	long length = SYS(readlinkat, AT_FDCWD, "/proc/self/exe", path, PATH_MAX);

	if (length < 0)
		return length;
	if ((size_t)length + sizeof(SUFFIX) > PATH_MAX)
		return -ENAMETOOLONG;
	put_text(path + length, SUFFIX);
	return 0;
}

static void complain(const char *path, long error)
{
	char message[PATH_MAX + 128];
	char *end = put_text(message, "Cannot execute the engine \"");

	end = put_text(end, path);
	end = put_text(end, error == -ENOENT ? "\": it does not exist, or /proc is not mounted (errno " : "\" (errno ");
	end = put_number(end, (uint64_t)-error);
	end = put_text(end, ")\n");
	SYS(write, 2, message, end - message);
}

int main(int argc, char **argv, char **envp)
{
	char engine[PATH_MAX] = "";
	char nofile[64];
	size_t count = 0, kept = 0;
	long error;

	(void)argc;
	while (envp[count] != NULL)
		count++;

	char *environment[count + 3];

	for (size_t i = 0; i < count; i++) {
		if (!is_removed(envp[i]))
			environment[kept++] = envp[i];
	}
	write_nofile(nofile);
	environment[kept++] = nofile;
	error = find_engine(engine);
	if (ends_with(engine, SHORT_LIVED SUFFIX))
		environment[kept++] = NO_JIT;
	environment[kept] = NULL;
	if (error == 0)
		error = SYS(execve, engine, argv, environment);
	complain(engine, error);
	return 1;
}
