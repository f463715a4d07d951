/** The I/O scheduling classes of config.json. Source: ioprio_set(2), include/uapi/linux/ioprio.h of Linux 6.18. */
export const IO_PRIORITY_CLASSES = {
  IOPRIO_CLASS_RT: 1,
  IOPRIO_CLASS_BE: 2,
  IOPRIO_CLASS_IDLE: 3,
} as const;

export type IoPriorityClass = keyof typeof IO_PRIORITY_CLASSES;

/** The levels of a class go from 0, the highest, to this. */
export const IO_PRIORITY_LOWEST = 7;

const CLASS_SHIFT = 13;

/** The value that ioprio_set(2) takes for a class and a level from 0 to 7. */
export function ioPriorityValue(ioClass: IoPriorityClass, level: number): number {
  return (IO_PRIORITY_CLASSES[ioClass] << CLASS_SHIFT) | level;
}
