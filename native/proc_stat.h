/* What /proc tells of a process. */
#ifndef PROC_STAT_H
#define PROC_STAT_H

#include "sys.h"

/* When it was started, in ticks since the boot: with the pid, what no other process has. Source: proc_pid_stat(5). */
int read_start_time_of(int pid, uint64_t *ticks);
/* A field, 3 or later, of /proc/PID/stat, by its number in proc_pid_stat(5). */
int read_stat_field(int pid, int field, uint64_t *value);

#endif
