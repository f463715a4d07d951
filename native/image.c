/* Decodes the plan. Pure: no system call, so that the same code runs under sanitizers with damaged images. */
#include "image.h"

#include <errno.h>

/* Strings that one image can hold at most: it bounds the memory for argument vectors. */
#define MAX_LIST 1000000u

static const char *const signatures[OP_COUNT] = {
#define X(name, signature, stages) signature,
	FOR_EACH_OP(X)
#undef X
};

static const uint8_t stages_of[OP_COUNT] = {
#define X(name, signature, stages) stages,
	FOR_EACH_OP(X)
#undef X
};

struct cursor {
	const char *at;
	const char *end;
};

const char *list_next(const char *string)
{
	while (*string)
		string++;
	return string + 1;
}

/* The string at the cursor, or NULL when no NUL is left before the end. */
static const char *take_string(struct cursor *cursor)
{
	const char *start = cursor->at;

	for (const char *p = start; p < cursor->end; p++) {
		if (*p == '\0') {
			cursor->at = p + 1;
			return start;
		}
	}
	return NULL;
}

/* Decimal digits only, no sign, no overflow. */
static int parse_number(const char *text, uint64_t *out)
{
	uint64_t value = 0;

	if (text == NULL || *text == '\0')
		return -EPROTO;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EPROTO;
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return -EPROTO;
	}
	*out = value;
	return 0;
}

static int take_number(struct cursor *cursor, uint64_t *out)
{
	return parse_number(take_string(cursor), out);
}

static int take_list(struct cursor *cursor, struct list *out)
{
	uint64_t count;

	if (take_number(cursor, &count) < 0 || count > MAX_LIST)
		return -EPROTO;
	out->count = (uint32_t)count;
	out->first = cursor->at;
	for (uint64_t i = 0; i < count; i++) {
		if (take_string(cursor) == NULL)
			return -EPROTO;
	}
	return 0;
}

static int take_arg(struct cursor *cursor, char kind, union arg *out)
{
	switch (kind) {
	case 's':
		out->string = take_string(cursor);
		return out->string == NULL ? -EPROTO : 0;
	case 'n':
		return take_number(cursor, &out->number);
	default:
		return take_list(cursor, &out->list);
	}
}

static int string_equals(const char *a, const char *b)
{
	if (a == NULL)
		return 0;
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int image_header(const char *data, size_t size, struct image *image)
{
	struct cursor cursor = { data, data + size };
	uint64_t count;

	if (!string_equals(take_string(&cursor), "mydocker-plan") || !string_equals(take_string(&cursor), PLAN_ABI))
		return -EPROTO;
	if (take_number(&cursor, &count) < 0 || take_list(&cursor, &image->report_argv) < 0)
		return -EPROTO;
	/* A step takes at least six bytes: so its count cannot ask for more memory than the image is large. */
	if (count > (uint64_t)(cursor.end - cursor.at) / 6)
		return -EPROTO;
	image->step_count = (uint32_t)count;
	image->start = data;
	image->body = cursor.at;
	image->end = cursor.end;
	image->longest_list = image->report_argv.count;
	return 0;
}

static int take_step(struct cursor *cursor, struct step *step, uint32_t *longest_list)
{
	uint64_t op, stage;

	if (take_number(cursor, &op) < 0 || op >= OP_COUNT || take_number(cursor, &stage) < 0 || stage > STAGE_INIT)
		return -EPROTO;
	if (!(stages_of[op] & (1u << stage)))
		return -EPROTO;
	step->op = (uint16_t)op;
	step->stage = (uint8_t)stage;
	step->origin = take_string(cursor);
	if (step->origin == NULL)
		return -EPROTO;
	step->args = cursor->at;
	for (const char *kind = signatures[op]; *kind; kind++) {
		union arg arg;

		if (take_arg(cursor, *kind, &arg) < 0)
			return -EPROTO;
		if (*kind == 'l' && arg.list.count > *longest_list)
			*longest_list = arg.list.count;
	}
	step->end = cursor->at;
	return 0;
}

int image_steps(struct image *image, struct step *steps)
{
	struct cursor cursor = { image->body, image->end };

	for (uint32_t i = 0; i < image->step_count; i++) {
		if (take_step(&cursor, &steps[i], &image->longest_list) < 0)
			return -EPROTO;
	}
	return cursor.at == cursor.end ? 0 : -EPROTO;
}

uint32_t image_args(const struct step *step, union arg *args)
{
	/* image_steps has walked these strings already: their end cannot be passed. */
	struct cursor cursor = { step->args, (const char *)UINTPTR_MAX };
	uint32_t count = 0;

	for (const char *kind = signatures[step->op]; *kind; kind++)
		(void)take_arg(&cursor, *kind, &args[count++]);
	return count;
}
