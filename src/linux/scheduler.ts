/** The scheduling policies of config.json. Source: sched(7), include/uapi/linux/sched.h of Linux 6.18. */
export const SCHEDULER_POLICIES = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  /** Reserved by the kernel and never implemented: sched_setattr(2) answers EINVAL. */
  SCHED_ISO: 4,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
} as const;

/** The flags of struct sched_attr. Source: sched_setattr(2), include/uapi/linux/sched.h of Linux 6.18. */
export const SCHEDULER_FLAGS = {
  SCHED_FLAG_RESET_ON_FORK: 0x01,
  SCHED_FLAG_RECLAIM: 0x02,
  SCHED_FLAG_DL_OVERRUN: 0x04,
  SCHED_FLAG_KEEP_POLICY: 0x08,
  SCHED_FLAG_KEEP_PARAMS: 0x10,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20,
  SCHED_FLAG_UTIL_CLAMP_MAX: 0x40,
} as const;

/** The range of a nice value, from the most to the least favoured. Source: sched(7). */
export const NICE_RANGE = { min: -20, max: 19 } as const;

/** The static priorities of SCHED_FIFO and SCHED_RR. Source: sched(7), sched_get_priority_min(2). */
export const REALTIME_PRIORITY_RANGE = { min: 1, max: 99 } as const;
