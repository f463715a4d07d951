import { oomEventsOf } from "../cgroup/cgroup-files.ts";
import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";
import { keyNumbers } from "../cgroup/stat-parsers.ts";
import { close, eventFd, POLL_EVENTS, poll, readFd } from "../sys/descriptors.ts";
import { openFile, pathType, readTextIfExists, writeExisting } from "../sys/files.ts";

/** Tells when a container has run out of memory. */
export interface OomWatch {
  /** Whether it has since the last question. */
  readonly hasHappened: () => boolean;
  readonly close: () => void;
}

/** Watches a container's memory cgroup; where it has none nothing is ever told. Throws SystemError. */
export function watchOom(cgroup: CgroupPaths): OomWatch {
  const events = oomEventsOf(cgroup);
  if (events === undefined || pathType(fileOf(events)) === undefined)
    return { hasHappened: () => false, close: () => {} };
  return events.version === 1 ? watchV1(events) : watchV2(events);
}

type Events = NonNullable<ReturnType<typeof oomEventsOf>>;

function fileOf(events: Events): string {
  return events.version === 1 ? events.register : events.events;
}

const EVENTFD_BYTES = 8;

/** The kernel counts in an eventfd, which it also does when the cgroup is removed. Source: cgroup-v1/memory.rst. */
function watchV1({ control, register }: Extract<Events, { version: 1 }>): OomWatch {
  const event = eventFd();
  const controlFd = openFile(control, 0);
  writeExisting(register, `${event} ${controlFd}`);
  return {
    hasHappened: () => {
      if (poll([{ fd: event, events: POLL_EVENTS.readable }], 0)[0] === 0) return false;
      readFd(event, EVENTFD_BYTES);
      return pathType(register) !== undefined;
    },
    close: () => {
      close(controlFd);
      close(event);
    },
  };
}

function watchV2({ events }: Extract<Events, { version: 2 }>): OomWatch {
  const count = () => keyNumbers(readTextIfExists(events)).oom_kill ?? 0;
  let known = count();
  return {
    hasHappened: () => {
      const before = known;
      known = count();
      return known > before;
    },
    close: () => {},
  };
}
