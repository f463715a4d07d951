import type { MountinfoEntry } from "../../sys/mountinfo.ts";
import { EngineError } from "../base/errors.ts";
import type { MountPoint } from "./record.ts";

type Bound = Pick<MountPoint, "Source" | "Propagation">;

/**
 * Refuses, in docker's words, to share mounts with the host where the host's mount keeps its own to itself; `entries` is the
 * mount table, and the sources are resolved. Pure. Throws EngineError. Source: mount_namespaces(7).
 */
export function checkPropagation(points: readonly Bound[], entries: readonly MountinfoEntry[]): void {
  for (const { Source, Propagation } of points) {
    const wanted = WANTED[Propagation];
    const mount = mountOf(entries, Source);
    if (wanted === undefined || mount === undefined) continue;
    if (mount.optionalFields.some((field) => wanted.fields.some((name) => field.startsWith(`${name}:`)))) continue;
    throw new EngineError(`path ${Source} is mounted on ${mount.mountpoint} but it is not a ${wanted.words} mount`, {
      code: "ERR_NOT_SUPPORTED",
      exitStatus: 125,
      fix: `mount --make-shared ${mount.mountpoint}`,
    });
  }
}

const SHARED = { fields: ["shared"], words: "shared" };
const SLAVE = { fields: ["shared", "master"], words: "shared or slave" };

/** By the propagation that is asked for, those of the host's mount that allow it. */
const WANTED: Readonly<Record<string, { readonly fields: readonly string[]; readonly words: string } | undefined>> = {
  shared: SHARED,
  rshared: SHARED,
  slave: SLAVE,
  rslave: SLAVE,
};

/** The mount that a path is on: of those in the way the innermost, and the one on top. */
function mountOf(entries: readonly MountinfoEntry[], path: string): MountinfoEntry | undefined {
  let found: MountinfoEntry | undefined;
  for (const entry of entries) {
    const isAbove = entry.mountpoint === "/" || `${path}/`.startsWith(`${entry.mountpoint}/`);
    if (isAbove && entry.mountpoint.length >= (found?.mountpoint.length ?? 0)) found = entry;
  }
  return found;
}
