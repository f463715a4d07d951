import type { SubordinateRange } from "../../plan/host-facts.ts";
import { readTextIfExists } from "../../sys/files.ts";
import { probeRootless } from "../../sys/subid.ts";

/** A range of ids of a user namespace. */
export interface IdRangeMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

/** A map for the programs newuidmap(1) or newgidmap(1). */
export interface IdMap {
  readonly program: string;
  readonly mappings: readonly IdRangeMapping[];
}

/**
 * The ids of an ordinary user's namespace: the user becomes root, and the subordinate ids follow. None where there are no
 * such ids, or no programs to map them: then the user's own id is all. Throws SystemError. Source: subuid(5).
 */
export function userIdMaps(uid: number, gid: number): readonly IdMap[] {
  const facts = probeRootless(uid);
  const isOwn = ({ owner }: SubordinateRange) => owner === facts.user || owner === String(uid);
  const maps = [
    { program: facts.uid.program, mappings: idMappings(uid, (facts.uid.ranges ?? []).filter(isOwn)) },
    { program: facts.gid.program, mappings: idMappings(gid, (facts.gid.ranges ?? []).filter(isOwn)) },
  ];
  return maps.flatMap(({ program, mappings }) =>
    program === undefined || maps.some((map) => map.program === undefined || map.mappings.length === 1)
      ? []
      : [{ program, mappings }],
  );
}

/** The one line that gives an ordinary user more ids; also for who is root of that user's namespace already. */
export function moreIdsFix(): string {
  const [, owner = "0"] = (readTextIfExists("/proc/self/uid_map") ?? "").trim().split(/\s+/);
  const euid = process.geteuid?.() ?? 0;
  const { user, uid, gid } = probeRootless(euid === 0 ? Number(owner) : euid);
  if (uid.program === undefined || gid.program === undefined)
    return "let root install newuidmap and newgidmap (Debian: apt-get install uidmap)";
  return `let root run: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user}`;
}

/** Pure: root is the own id, and the ranges follow without a gap. */
export function idMappings(own: number, ranges: readonly SubordinateRange[]): readonly IdRangeMapping[] {
  const mappings: IdRangeMapping[] = [{ containerID: 0, hostID: own, size: 1 }];
  let next = 1;
  for (const { first, count } of ranges) {
    mappings.push({ containerID: next, hostID: first, size: count });
    next += count;
  }
  return mappings;
}
