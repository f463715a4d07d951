/* Signal masks: the parent of a foreground run takes every signal through a descriptor. And what ends a created container. */
#include "ctx.h"
#include "signals.gen.h"

#define SIG_SETMASK 2
#define SA_RESTORER 0x04000000

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

enum {
#define X(name, number) SIG_##name = number,
	FOR_EACH_SIGNAL(X)
#undef X
};

/* struct sigaction as rt_sigaction(2) takes it. */
struct action {
	void (*handler)(int);
	uint64_t flags;
	void (*restorer)(void);
	uint64_t mask;
};

static void end_by_signal(int signal)
{
	SYS(exit_group, 128 + signal);
}

/* The kernel wants one, but nobody comes back from the handler. */
static void never_restored(void)
{
}

/*
 * The first process of a pid namespace gets no signal from outside that it has no handler for (pid_namespaces(7)), but
 * KILL: whoever sends TERM to a created container would wait for ever. The execve of its command takes the handlers away.
 */
int op_signals_heed(struct ctx *c, const union arg *a)
{
	static const int signals[] = { SIG_HUP, SIG_INT, SIG_QUIT, SIG_ABRT, SIG_USR1, SIG_USR2, SIG_TERM };
	struct action action = { end_by_signal, SA_RESTORER, never_restored, 0 };

	(void)a;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		long err = SYS(rt_sigaction, signals[i], &action, NULL, sizeof(action.mask));

		if (err < 0)
			return failed(c, "rt_sigaction", NULL, err);
	}
	return 0;
}
