/*
 * The addon's inner contract. A function takes a `struct call` and returns a value, or NULL for undefined, or what
 * fail() returned: then an Error with errno, syscall and path is on its way to JavaScript.
 */
#ifndef ADDON_H
#define ADDON_H

#include <stdint.h>
#include <sys/types.h>

#include <node_api.h>

#define MAX_ARGUMENTS 9
#define PATH_SIZE 4096

struct call {
	napi_env env;
	napi_value arguments[MAX_ARGUMENTS];
};

/* Every function: its name in JavaScript, and what it takes; `path` is a string, `ints` an Int32Array. */
#define FOR_EACH_FUNCTION(X) \
	X(readText)		/* path, max bytes, whether a missing file is undefined */ \
	X(readTexts)		/* paths, a NUL behind each; max bytes of each */ \
	X(writeAtomic)		/* path, text, mode, whether it is to survive a power cut */ \
	X(createFile)		/* path, text, mode */ \
	X(writeExisting)	/* path, text */ \
	X(appendText)		/* path, text, mode */ \
	X(makeDir)		/* path, mode */ \
	X(makeDirs)		/* path, mode */ \
	X(removeDir)		/* path */ \
	X(unlink)		/* path */ \
	X(listDir)		/* path, whether its directories only */ \
	X(tellsTypes)		/* path */ \
	X(fileMode)		/* path */ \
	X(isWritable)		/* path */ \
	X(realPath)		/* path */ \
	X(readLink)		/* path */ \
	X(removeInRoot)		/* root, path inside it */ \
	X(openFile)		/* path, flags */ \
	X(openInRoot)		/* root, path inside it, flags */ \
	X(lockDir)		/* path, wait */ \
	X(lockFile)		/* path, whether it is shared, wait */ \
	X(isLocked)		/* path */ \
	X(close)		/* fd */ \
	X(pipe)			/* */ \
	X(socketPair)		/* type */ \
	X(connectUnix)		/* path */ \
	X(bindDatagrams)	/* directory, name in it */ \
	X(readFd)		/* fd, max bytes, whether until the end */ \
	X(writeFd)		/* fd, text */ \
	X(sendFds)		/* socket, text, fds */ \
	X(eventFd)		/* */ \
	X(poll)			/* ints of (fd, events), timeout in ms */ \
	X(terminalMode)		/* fd */ \
	X(setTerminalMode)	/* fd, what terminalMode gave */ \
	X(memfdFromText)	/* name, text, sealed */ \
	X(memfdFromFile)	/* name, path */ \
	X(execFd)		/* fd, argv, its count, env, its count, kept fds, soft, hard nofile */ \
	X(spawnFd)		/* as execFd, then ints of (child's fd, own fd) */ \
	X(waitPid)		/* pid, wait */ \
	X(kill)			/* pid, signal */ \
	X(pidfdOpen)		/* pid */ \
	X(pidfdSend)		/* fd, signal */ \
	X(readNofile)		/* */ \
	X(randomBytes)		/* count */ \
	X(giveBackProgram)	/* whether code too */ \
	X(catchSignals)		/* ints of signals */ \
	X(mountFilesystem)	/* type, pairs of options, attributes, target */ \
	X(mountFrom)		/* directory, type, options, target */ \
	X(beginSync)		/* fd */ \
	X(syncFilesystem)	/* fd */ \
	X(bindMount)		/* source, target, 1 for read-only */ \
	X(unmount)		/* path, flags */ \
	X(removeTrees)		/* how many, and that many paths, four at most */ \
	X(treeRemove)		/* root, path */ \
	X(treeMake)		/* root, path, numbers, target, data */ \
	X(treeCreate)		/* root, path */ \
	X(treeUnpackFiles)	/* root, archive, position in it */ \
	X(treeFinish)		/* fd, size, numbers */ \
	X(treeSetXattr)		/* root, path, name, value */ \
	X(treeSetTime)		/* root, path, seconds, nanoseconds */ \
	X(treeChown)		/* directory, name, uid, gid */ \
	X(treeList)		/* directory, name, whether files' extended attributes are counted */ \
	X(treeLook)		/* root, path */ \
	X(treeReadLink)		/* directory, name */ \
	X(treeOpen)		/* directory, name */ \
	X(treeXattrs)		/* directory, name */ \
	X(treePackFiles)	/* directory, prefix, names and numbers of treeList, index, overrides, buffer, position in it */ \
	X(readAt)		/* fd, buffer, position */ \
	X(writeAt)		/* fd, data, position */ \
	X(dataRange)		/* fd, position */ \
	X(makeNetns)		/* path */ \
	X(removeNetns)		/* path */ \
	X(openNetlink)		/* path of a network namespace, or undefined; protocol */ \
	X(netlinkExchange)	/* fd, bytes */ \
	X(bindPort)		/* socket type, bytes of the address, port */

#define X(name) napi_value addon_##name(struct call *call);
FOR_EACH_FUNCTION(X)
#undef X

/* Arguments. The typed wrapper in src/sys/ is the only caller, so a wrong type is its mistake, not an input's. */
int32_t int_argument(struct call *call, size_t index);
int64_t long_argument(struct call *call, size_t index);
int bool_argument(struct call *call, size_t index);
/* Into `buffer` of PATH_SIZE, always terminated; -1 with errno when it is too long, empty or has a NUL in it. */
int path_argument(struct call *call, size_t index, char *buffer);
/* The same for a name whose bytes JavaScript holds as a Latin-1 string. */
int bytes_argument(struct call *call, size_t index, char *buffer);
/* To be freed; NULL with errno. */
char *text_argument(struct call *call, size_t index, size_t *length);
const int32_t *ints_argument(struct call *call, size_t index, size_t *count);

/* Results. */
napi_value int_result(struct call *call, int64_t value);
napi_value bool_result(struct call *call, int value);
napi_value text_result(struct call *call, const char *text, size_t length);
napi_value ints_result(struct call *call, const int *values, uint32_t count);
/* Throws what errno says; `path` may be NULL. */
napi_value fail(struct call *call, const char *syscall, const char *path);

/* addon_fds.c: -1 with errno. */
int write_all(int fd, const char *text, size_t length);
char *read_all(int fd, size_t max, size_t *length);
void close_keeping_errno(int fd);

/* addon_dirs.c: of the names in a directory, its own and that of the one above it. */
int is_dot_or_dots(const char *name);

#endif
