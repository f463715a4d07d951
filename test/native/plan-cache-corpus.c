/*
 * Reads every text of a corpus file as an entry of kept plans, or with the argument "subject" as a config, each from a
 * heap block of its exact size, so that a sanitizer sees the first byte that is read beyond it. The file: for each text
 * its length in decimal, a newline, and its bytes. Prints a letter for each, "y" or "n"; a subject on a line of its own.
 */
#include "../../native/plan_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char memory[4096], other_memory[4096];

static struct span span_of(const char *text)
{
	return (struct span){ text, text + strlen(text) };
}

/* With the parameters 0 and 2; there is none with the number 1. */
static int read_entry(struct span text)
{
	struct out state = { .text = memory, .size = sizeof(memory) };
	struct out image = { .text = other_memory, .size = sizeof(other_memory) };
	struct parameters parameters = { .count = 3 };
	struct kept kept;

	parameters.values[0] = span_of("web");
	parameters.values[2] = span_of("/bundle");
	if (!kept_read(text, span_of("subject"), &kept))
		return 0;
	kept_fill(&state, kept.state, &parameters);
	kept_fill(&image, kept.image, &parameters);
	return !state.full && !image.full && state.length == 7 && memcmp(memory, "id web.", 7) == 0 &&
	       image.length == 12 && memcmp(other_memory, "at /bundle\0-", 12) == 0;
}

static void print_subject(struct span config)
{
	struct out subject = { .text = memory, .size = sizeof(memory) };
	struct parameters parameters = { .count = FIRST_IDENTIFIER };

	subject_config(&subject, &parameters, config);
	if (subject.full)
		printf("refused");
	for (size_t i = 1; !subject.full && i < subject.length; i++)
		putchar(memory[i] == MARK ? '<' : memory[i] == MARK_END ? '>' : memory[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	FILE *file = argc >= 2 ? fopen(argv[1], "rb") : NULL;
	size_t size;

	if (file == NULL)
		return 1;
	while (fscanf(file, "%zu", &size) == 1 && fgetc(file) == '\n') {
		char *text = malloc(size == 0 ? 1 : size);

		if (text == NULL || fread(text, 1, size, file) != size)
			return 1;
		if (argc == 3)
			print_subject((struct span){ text, text + size });
		else
			putchar(read_entry((struct span){ text, text + size }) ? 'y' : 'n');
		free(text);
	}
	return fclose(file);
}
