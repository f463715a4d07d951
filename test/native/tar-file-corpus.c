/*
 * Reads the plain files at the beginning of every archive of a corpus file, each from a heap block of its exact size, so that
 * a sanitizer sees the first byte that is read beyond it. The corpus: for each archive its length in decimal, a newline, and
 * its bytes. Prints a line for each: path in hexadecimal, mode, owner, group, time and length of each file, ";" behind them.
 */
#include "../../native/tar_file.h"

#include <stdio.h>
#include <stdlib.h>

static volatile char looked_at;

static void print_files(const char *archive, size_t size)
{
	struct tar_file file;

	for (size_t at = 0; tar_plain_file(archive, size, at, &file); at = file.end) {
		char path[TAR_PATH_SIZE];

		tar_file_path(&file, path);
		for (const char *letter = path; *letter != '\0'; letter++)
			printf("%02x", (unsigned char)*letter);
		printf("%s %o %u %u %lld %zu;", file.is_directory ? "/" : "", file.mode, file.uid, file.gid, (long long)file.seconds, file.length);
		for (size_t i = 0; i < file.length; i++)
			looked_at = file.data[i];
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	size_t size;

	if (file == NULL)
		return 1;
	while (fscanf(file, "%zu", &size) == 1 && fgetc(file) == '\n') {
		char *archive = malloc(size == 0 ? 1 : size);

		if (archive == NULL || fread(archive, 1, size, file) != size)
			return 1;
		print_files(archive, size);
		free(archive);
	}
	return fclose(file);
}
