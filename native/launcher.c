/*
 * What `mydocker-runtime` and `mydocker` are: a program that becomes the engine's executable beside it, which has its
 * own name and "-engine" behind it. The engine itself would be too late for two things: variables of the environment
 * make it load other code or become another program before it runs ours, and it raises RLIMIT_NOFILE, which
 * containers would inherit: MYDOCKER_NOFILE tells it what the caller had. Some verbs do not need the engine: see hot.h.
 */
#include "hot.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/resource.h>

#define SUFFIX "-engine"
#define NOFILE "MYDOCKER_NOFILE="
#define PLAN_REQUEST "MYDOCKER_PLAN_REQUEST="

/* For `mydocker`, whoever calls it: users of containers have to get into the directories of images, volumes and layers. */
#define MASK 0022

/* The program whose hot verbs are here. */
#define RUNTIME "-runtime"

/*
 * Most commands end, or become another program, within milliseconds: compiling at run time takes a thread and memory
 * that they never earn back. Without it `state` takes 1.3 ms less (of 8), `mydocker run` 14 less (of 121) and a third
 * less of CPU time. An engine that does not know the setting refuses to start, which every test would show.
 */
#define NO_JIT "BUN_JSC_useJIT=0"
/* For long work the first compiler is enough: the others, in threads of their own, take more than they earn back. */
#define NO_OPTIMIZING_JIT "BUN_JSC_useDFGJIT=0"
/* Nor is there any WebAssembly: 200 KiB less. */
#define NO_WASM "BUN_JSC_useWasm=0"
/*
 * `mydocker run` has 1,850 page faults without huge pages and 830 with them, and takes a fifth less CPU time where faults are
 * dear, for 14 MiB more; the runtime, of which more processes are about at a time, does without.
 */
#define HUGE_PAGES "MIMALLOC_ALLOW_THP=1"

/* Words of `mydocker` whose work on archives and trees is long enough for a compiler. */
static const char *const long_work[] = { "build-base", "commit", "cp", "export", "import", "load", "save" };

/* What changes how the engine works; others of Node's are the user's business, such as NODE_ENV for a container. */
static const char *const removed[] = {
	"BUN_", "MIMALLOC_", "NODE_CHANNEL_", "NODE_OPTIONS=", "NODE_PATH=", NOFILE, PLAN_REQUEST,
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

/* "MYDOCKER_NOFILE=soft:hard", or an empty text where the limit cannot be read. */
static void write_nofile(char *text, size_t size)
{
	struct rlimit64 limit;
	size_t length;

	*text = '\0';
	if (SYS(prlimit64, 0, RLIMIT_NOFILE, NULL, &limit) < 0)
		return;
	length = put_text(text, size, 0, NOFILE);
	length = put_number(text, size, length, limit.rlim_cur);
	length = put_text(text, size, length, ":");
	put_number(text, size, length, limit.rlim_max);
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
	put_text(path, PATH_MAX, (size_t)length, SUFFIX);
	return 0;
}

static void complain(const char *path, long error)
{
	char message[PATH_MAX + 128];
	size_t length = put_text(message, sizeof(message), 0, "Cannot execute the engine \"");

	length = put_text(message, sizeof(message), length, path);
	length = put_text(message, sizeof(message), length,
			  error == -ENOENT ? "\": it does not exist, or /proc is not mounted (errno " : "\" (errno ");
	length = put_number(message, sizeof(message), length, (uint64_t)-error);
	length = put_text(message, sizeof(message), length, ")\n");
	(void)write_all(2, message, length);
}

char engine[PATH_MAX];
int plan_request = -1;

static int is_runtime(void)
{
	return ends_with(engine, RUNTIME SUFFIX);
}

/* Where one of the words stands for something else, a compiler is there in vain. */
static int is_short_lived(char **argv)
{
	if (is_runtime())
		return 1;
	for (; *argv != NULL; argv++) {
		for (size_t i = 0; i < sizeof(long_work) / sizeof(long_work[0]); i++) {
			if (text_equals(*argv, long_work[i]))
				return 0;
		}
	}
	return 1;
}

/* Variables of our own, at most: the limit, a request, fewer compilers, no WebAssembly, huge pages, and the NULL. */
#define MORE_VARIABLES 6

struct own_variables {
	char nofile[64], request[64];
};

/* The caller's environment as the engine gets it, into room for MORE_VARIABLES more. */
static void fill_environment(char **environment, char **argv, char **envp, struct own_variables *own)
{
	size_t kept = 0, length;

	for (; *envp != NULL; envp++) {
		if (!is_removed(*envp))
			environment[kept++] = *envp;
	}
	write_nofile(own->nofile, sizeof(own->nofile));
	environment[kept++] = own->nofile;
	if (plan_request >= 0) {
		length = put_text(own->request, sizeof(own->request), 0, PLAN_REQUEST);
		put_number(own->request, sizeof(own->request), length, (uint64_t)plan_request);
		environment[kept++] = own->request;
	}
	environment[kept++] = is_short_lived(argv) ? NO_JIT : NO_OPTIMIZING_JIT;
	environment[kept++] = NO_WASM;
	if (!is_runtime())
		environment[kept++] = HUGE_PAGES;
	environment[kept] = NULL;
}

static size_t count_of(char **envp)
{
	size_t count = 0;

	while (envp[count] != NULL)
		count++;
	return count;
}

/*
 * The engine does not start in a directory that has been removed, as a bundle's is when its container is deleted last. It
 * gets one in which relative paths lead nowhere, as they did before.
 */
static void leave_removed_directory(void)
{
	char path[PATH_MAX];

	if (SYS(getcwd, path, sizeof(path)) == -ENOENT)
		SYS(chdir, "/proc");
}

long become_engine(char **argv, char **envp)
{
	char *environment[count_of(envp) + MORE_VARIABLES];
	struct own_variables own;
	long error;

	leave_removed_directory();
	fill_environment(environment, argv, envp, &own);
	error = SYS(execve, engine, argv, environment);
	complain(engine, error);
	return error;
}

long become_program(int fd, char **argv, char **envp)
{
	char *environment[count_of(envp) + MORE_VARIABLES];
	struct own_variables own;

	fill_environment(environment, argv, envp, &own);
	return SYS(execveat, fd, "", argv, environment, AT_EMPTY_PATH);
}

int main(int argc, char **argv, char **envp)
{
	long error = find_engine(engine);
	int status = FOR_THE_ENGINE;

	if (error < 0) {
		complain(engine, error);
		return 1;
	}
	if (is_runtime())
		status = hot_verb(argc, argv, envp);
	else
		SYS(umask, MASK);
	if (status != FOR_THE_ENGINE)
		return status;
	become_engine(argv, envp);
	return 1;
}
