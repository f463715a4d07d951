/*
 * The plain files of a tar archive: regular files and directories of which one ustar header tells all, with all their content
 * in memory. What else there is in an archive is for src/engine/archive/tar-reader.ts. Sources: pax(1), tar(5).
 */
#ifndef TAR_FILE_H
#define TAR_FILE_H

#include <stddef.h>
#include <sys/types.h>

#define TAR_BLOCK 512

struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link_name[100];
	char magic[8], owner[32], group[32], major[8], minor[8], prefix[155], padding[12];
};

_Static_assert(sizeof(struct tar_header) == TAR_BLOCK, "a header is one block");

/* Prefix, slash, name and NUL. */
#define TAR_PATH_SIZE (155 + 1 + 100 + 1)

struct tar_file {
	const struct tar_header *header;
	int is_directory;
	const char *data;
	size_t length;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	time_t seconds;
	/* Where the next entry begins. */
	size_t end;
};

/*
 * Whether a plain file begins at `at`, and all of it is in the buffer. Its path is relative, has neither "." nor ".." in it
 * (but "./" before it), and no name of a whiteout.
 */
int tar_plain_file(const char *buffer, size_t size, size_t at, struct tar_file *file);
/* Without "./" before it, and without a directory's slash behind it. */
void tar_file_path(const struct tar_file *file, char path[TAR_PATH_SIZE]);

#endif
