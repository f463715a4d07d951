/** File descriptor slots that mean the same in every plan; the others are handed out by the builder. */
export const SLOT_LOCK = 0;
export const SLOT_REPORT = 1;
export const FIRST_FREE_SLOT = 2;
/** As many as a process may have open by the usual limit: in a user namespace each bind mount takes one. */
export const SLOT_COUNT = 1024;
