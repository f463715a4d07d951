/*
 * Reads every text of a corpus file as a JSON object, each from a heap block of its exact size, so that a sanitizer sees
 * the first byte that is read beyond it. The file: for each text its length in decimal, a newline, and its bytes. Prints
 * a letter for each: "y" read to its end, "n" refused.
 */
#include "../../native/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_object(struct span text)
{
	struct span inside, key, value;
	char buffer[16];
	uint64_t count;
	int more;

	if (json_enter(text, &inside) < 0)
		return -1;
	while ((more = json_next(&inside, &key, &value)) > 0) {
		(void)span_is(key, "pid");
		(void)json_is_text(value);
		(void)json_plain(value, buffer, sizeof(buffer));
		(void)json_count(value, &count);
		(void)json_member(value, "a", &key);
	}
	return more;
}

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	size_t size;

	if (file == NULL)
		return 1;
	while (fscanf(file, "%zu", &size) == 1 && fgetc(file) == '\n') {
		char *text = malloc(size == 0 ? 1 : size);

		if (text == NULL || fread(text, 1, size, file) != size)
			return 1;
		putchar(read_object((struct span){ text, text + size }) < 0 ? 'n' : 'y');
		free(text);
	}
	return fclose(file);
}
