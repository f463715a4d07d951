/* The time that a container may run: then it is killed, and its exit status says so. Source: podman-run(1), --timeout. */
#include "monitor.h"

#define SIGKILL 9

void deadline_begin(struct monitor *m)
{
	if (m->timeout_ms > 0)
		m->deadline = monotonic_ms() + (int64_t)m->timeout_ms;
}

/* How long to wait at most; negative: without an end. */
int deadline_wait_ms(const struct monitor *m)
{
	return m->deadline == 0 || m->is_timed_out ? -1 : wait_ms(m->deadline);
}

void deadline_step(struct monitor *m)
{
	if (m->deadline == 0 || m->is_timed_out || monotonic_ms() < m->deadline)
		return;
	m->is_timed_out = 1;
	(void)SYS(pidfd_send_signal, m->pidfd, SIGKILL, NULL, 0);
}

/* One that ended by itself just then has its own status. */
void deadline_end(struct monitor *m)
{
	if (m->is_timed_out && m->exit_status == 128 + SIGKILL)
		m->exit_status = UNKNOWN_STATUS;
}
