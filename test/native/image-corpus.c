/*
 * Decodes every image of a corpus file, each from a heap block of its exact size, so that a sanitizer sees the first byte
 * that is read beyond it. The file: for each image its length in decimal, a newline, and its bytes. Prints a letter for
 * each: "y" decoded, "n" refused.
 */
#include "../../native/image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long checksum;

/* Touches every byte that the decoder hands out. */
static void read_string(const char *string)
{
	for (; *string; string++)
		checksum = checksum * 31 + (unsigned char)*string;
}

static void read_step(const struct step *step)
{
	union arg args[MAX_ARGS];
	static const char *const signatures[OP_COUNT] = {
#define X(name, signature, stages) signature,
		FOR_EACH_OP(X)
#undef X
	};
	const char *kinds = signatures[step->op];
	unsigned count = image_args(step, args);

	read_string(step->origin);
	for (unsigned i = 0; i < count; i++) {
		const char *item;

		if (kinds[i] == 's')
			read_string(args[i].string);
		if (kinds[i] != 'l')
			continue;
		item = args[i].list.first;
		for (unsigned n = 0; n < args[i].list.count; n++, item = list_next(item))
			read_string(item);
	}
}

static int decode(const char *data, size_t size)
{
	struct image image;
	struct step *steps;
	int err = image_header(data, size, &image);

	if (err < 0)
		return err;
	steps = calloc(image.step_count + 1u, sizeof(*steps));
	err = image_steps(&image, steps);
	for (unsigned i = 0; err == 0 && i < image.step_count; i++)
		read_step(&steps[i]);
	free(steps);
	return err;
}

int main(int argc, char **argv)
{
	FILE *corpus = fopen(argc == 2 ? argv[1] : "", "rb");
	size_t size;

	if (corpus == NULL)
		return 2;
	while (fscanf(corpus, "%zu", &size) == 1) {
		char *data = malloc(size ? size : 1);

		if (fgetc(corpus) != '\n' || fread(data, 1, size, corpus) != size)
			return 3;
		putchar(decode(data, size) == 0 ? 'y' : 'n');
		free(data);
	}
	printf("\n%lu\n", checksum);
	return fclose(corpus);
}
