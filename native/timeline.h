/* When each step ended, for `npm run profile`: a build without TIMELINE has none of it. See docs/performance.md. */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "ctx.h"

#ifdef TIMELINE
void timeline_open(struct ctx *c);
void timeline_step(struct ctx *c);
void timeline_write(void);
#else
#define timeline_open(c) ((void)(c))
#define timeline_step(c) ((void)(c))
#define timeline_write() ((void)0)
#endif

#endif
