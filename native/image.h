/* The encoded plan: how it is laid out is told in src/plan/encode.ts. */
#ifndef IMAGE_H
#define IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "ops.gen.h"

enum stage { STAGE_PARENT, STAGE_INTERMEDIATE, STAGE_INIT };

/* Strings that follow each other, each with its NUL; `first` is valid where count is not 0. */
struct list {
	uint32_t count;
	const char *first;
};

union arg {
	const char *string;
	uint64_t number;
	struct list list;
};

struct step {
	uint16_t op;
	uint8_t stage;
	const char *origin;
	const char *args;
	const char *end;	/* behind the last argument */
};

struct image {
	uint32_t step_count;
	struct list report_argv;
	const char *start;
	const char *body;	/* where the steps begin */
	const char *end;
	uint32_t longest_list;	/* set by image_steps */
};

/* Both return 0, or -EPROTO for anything that is not a plan of this build. Nothing is read past data + size. */
int image_header(const char *data, size_t size, struct image *image);
int image_steps(struct image *image, struct step *steps);

/* Decodes the arguments of a step that image_steps accepted; returns how many there are. */
uint32_t image_args(const struct step *step, union arg *args);

const char *list_next(const char *string);

#endif
