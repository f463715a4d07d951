import type { CgroupPlan, CgroupWrite, FileWrite } from "./cgroup-plan.ts";

/**
 * The kernel charges memory in batches of 64 pages for each processor: a processor's first charge takes a batch out of the
 * limit if it fits in, and what is left of it is lost to a process that goes on at another processor, until a worker thread
 * has given it back. Source: MEMCG_CHARGE_BATCH in the kernel's mm/memcontrol.c.
 */
const BATCH_BYTES = 64 * 4096;
/** What an init with the usual mounts has charged when it is prepared. */
const PREPARED_BYTES = 24 * 4096;

/**
 * The limits of memory that the first charge alone would use up, each with its place taken by the largest one that no batch
 * fits in: they are raised to what the config says when the init is prepared, and what that has charged keeps batches out
 * from then on.
 */
export function withoutBatches(cgroup: CgroupPlan): CgroupPlan {
  const first = String(BATCH_BYTES - 4096);
  return { ...cgroup, writes: cgroup.writes.map((write) => (isTight(write) ? { ...write, value: first } : write)) };
}

/** The same limits as the config has them. */
export function tightLimits({ writes, scope }: CgroupPlan): readonly FileWrite[] {
  // systemd knows the limit already, and the init has been charged outside.
  return scope === undefined ? writes.filter(isTight) : [];
}

function isTight(write: CgroupWrite): write is FileWrite {
  if (write.kind !== "write" || !/\/memory\.(?:limit_in_bytes|max)$/.test(write.path)) return false;
  const limit = Number(write.value);
  return limit >= BATCH_BYTES && limit < BATCH_BYTES + PREPARED_BYTES;
}
