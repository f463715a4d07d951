/* Tells in a file what is carried out, as it is: `mydocker-runtime --trace FILE`. See src/plan/step-times.ts. */
#ifndef TRACE_H
#define TRACE_H

#include "ctx.h"

void trace_begin(struct ctx *c);
void trace_step(struct ctx *c);

#endif
