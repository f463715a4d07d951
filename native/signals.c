/* Signal masks: the parent of a foreground run takes every signal through a descriptor. */
#include "ctx.h"

#define SIG_SETMASK 2

void signals_block(void)
{
	uint64_t all = ~0ull;

	SYS(rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
}

void signals_restore(void)
{
	uint64_t none = 0;

	SYS(rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
}
