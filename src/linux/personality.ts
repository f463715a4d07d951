/** The execution domains of config.json. Source: personality(2), include/uapi/linux/personality.h of Linux 6.18. */
export const PERSONALITY_DOMAINS = {
  LINUX: 0x0000,
  /** uname(2) answers with a 32-bit machine. */
  LINUX32: 0x0008,
} as const;
