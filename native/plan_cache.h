/*
 * Encoded plans that are kept for configs that come again, so that `run`, `create` and `exec` start without the engine:
 * docs/architecture.md, "Kept plans". What decides a plan is its subject: the command line, what this program has read of
 * the host, and the config. What differs from container to container without deciding anything (the id, paths, digests)
 * is a parameter: a mark stands for it in the subject, and in the plan.
 *
 *     a mark    "\1" number of the parameter "." its length "\2" in a subject, "\1" number "\2" in a plan
 *     an entry  PLAN_MAGIC, the subject, state.json, the plan's image: each with a NUL behind it, but for the image, which
 *               goes up to the end. Both are empty where the engine has found that this plan cannot be kept.
 *
 * Written by src/apply/keep-plan.ts. Pure: no system call, so that the same code runs under sanitizers.
 */
#ifndef PLAN_CACHE_H
#define PLAN_CACHE_H

#include "json.h"
#include "out.h"

#define PLAN_MAGIC "mydocker-kept-plan 1"
#define MARK '\1'
#define MARK_END '\2'
/* Stands before each config in a subject. */
#define SECTION '\3'

#define MAX_PARAMETERS 64

/* Parameters whose place is the same for each verb; then come the identifiers in the configs. */
enum { PARAMETER_ID, PARAMETER_LOG, PARAMETER_PID_FILE, PARAMETER_CONSOLE, PARAMETER_CREATED, PARAMETER_BUNDLE,
       PARAMETER_ROOTFS, PARAMETER_PID, PARAMETER_START_TIME, FIRST_IDENTIFIER };

struct parameters {
	struct span values[MAX_PARAMETERS];
	size_t count;
};

/*
 * Adds JSON to a subject with marks for the identifiers in its strings, which become parameters: 12 to 64 digits and
 * letters from a to f, some of each, UUIDs, and times. What is no JSON text makes the subject `full`.
 */
void subject_config(struct out *subject, struct parameters *parameters, struct span config);

/* An entry's plan. */
struct kept {
	struct span state, image;
};

/* 1 when the entry is of this subject, 0 when it is of another one or damaged. */
int kept_read(struct span entry, struct span subject, struct kept *kept);

/* Copies a text with the parameters in the place of their marks. */
void kept_fill(struct out *out, struct span text, const struct parameters *parameters);

#endif
