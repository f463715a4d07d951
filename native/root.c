/* Paths of the container: resolved by the kernel within its root, never by joining strings. */
#include "ctx.h"

#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>

#define MAX_LINKS 40

/* Opens a path of the container; neither "..", symbolic links nor /proc's magic links lead out of its root. */
int open_in_root(struct ctx *c, const char *path, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	long fd;

	do {
		fd = SYS(openat2, c->root, *path ? path : "/", &how, sizeof(how));
	} while (fd == -EINTR || fd == -EAGAIN); /* EAGAIN: a rename raced with the resolution of "..". */
	return (int)fd;
}

static uint64_t mount_of(int fd)
{
	struct statx info = { 0 };

	return SYS(statx, fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) < 0 ? 0 : info.stx_mnt_id;
}

static int exists(int directory, const char *name)
{
	struct statx info;

	return SYS(statx, directory, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &info) == 0;
}

/*
 * What is about to be made inside the root filesystem is undone when the container cannot be created. Not so what the
 * image has already, nor what is made in another mount: it goes with that, and the image may have something by its name.
 */
int journal_made(struct ctx *c, int directory, const char *name, const char *path)
{
	char line[PATH_SIZE * 2];
	size_t length = put_text(line, sizeof(line), 0, "{\"undo\":\"rootfs.remove\",\"path\":\"");

	if (c->journal < 0 || mount_of(directory) != mount_of(c->root) || exists(directory, name))
		return 0;
	for (; *path && length + 8 < sizeof(line); path++) {
		if (*path == '"' || *path == '\\')
			line[length++] = '\\';
		if ((unsigned char)*path < ' ') {
			length = put_text(line, sizeof(line), length, "\\u00");
			line[length++] = (char)('0' + (*path >> 4));
			line[length++] = "0123456789abcdef"[*path & 15];
		} else {
			line[length++] = *path;
		}
	}
	put_text(line, sizeof(line), length, "\"}");
	return journal_add(c, line);
}

/* The parent directory and the last component of a path without trailing slashes. */
static const char *split(const char *path, char *parent)
{
	size_t slash = 0, i = 0;

	for (; path[i]; i++) {
		if (path[i] == '/')
			slash = i;
	}
	put_text(parent, slash + 1 < PATH_SIZE ? slash + 1 : PATH_SIZE, 0, path);
	return path[slash] == '/' ? path + slash + 1 : path;
}

static int make_at(struct ctx *c, const char *path, int directory, int links);

/* A symbolic link without a target: what it points to is made, as a person following it would expect. */
static int make_link_target(struct ctx *c, int parent, const char *parent_path, const char *name, int directory, int links)
{
	char link[PATH_SIZE], path[PATH_SIZE];
	long n = SYS(readlinkat, parent, name, link, sizeof(link) - 1);
	size_t length = 0;

	if (n < 0)
		return -EEXIST;
	if (links == 0)
		return -ELOOP;
	link[n] = '\0';
	if (link[0] != '/') {
		length = put_text(path, sizeof(path), 0, parent_path);
		length = put_text(path, sizeof(path), length, "/");
	}
	length = put_text(path, sizeof(path), length, link);
	return length + 1 < sizeof(path) ? make_at(c, path, directory, links - 1) : -ENAMETOOLONG;
}

static int make_last(struct ctx *c, const char *path, int directory, int links)
{
	char parent_path[PATH_SIZE];
	const char *name = split(path, parent_path);
	int parent = make_at(c, parent_path, 1, links);
	long err;

	if (parent < 0)
		return parent;
	err = journal_made(c, parent, name, path);
	if (err == 0)
		err = directory ? SYS(mkdirat, parent, name, 0755)
				: SYS(mknodat, parent, name, S_IFREG | 0644, 0);
	if (err == -EEXIST)
		err = make_link_target(c, parent, parent_path, name, directory, links);
	SYS(close, parent);
	if (err > 0)
		SYS(close, err);
	return err < 0 ? (int)err : 0;
}

/* Opens the path with O_PATH, making it and its parents where they are missing. */
static int make_at(struct ctx *c, const char *path, int directory, int links)
{
	char trimmed[PATH_SIZE];
	size_t length = put_text(trimmed, sizeof(trimmed), 0, path);
	int fd, err;

	if (length + 1 >= sizeof(trimmed))
		return -ENAMETOOLONG;
	while (length > 0 && trimmed[length - 1] == '/')
		trimmed[--length] = '\0';
	fd = open_in_root(c, trimmed, O_PATH);
	if (fd != -ENOENT || length == 0)
		return fd;
	err = make_last(c, trimmed, directory, links);
	return err < 0 ? err : open_in_root(c, trimmed, O_PATH);
}

int make_target(struct ctx *c, const char *path, int directory)
{
	return make_at(c, path, directory, MAX_LINKS);
}
