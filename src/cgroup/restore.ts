import { assertNever } from "../base/assert.ts";
import type { CgroupWrite, FileWrite } from "./cgroup-plan.ts";

/** How to put back what a write changed; "read" is what the executor reads of the file before it writes. */
export type Restore =
  /** Write back the whole text that was read. */
  | { readonly kind: "text" }
  /** Write back the word that follows `key` on its line, as in "oom_kill_disable 0". */
  | { readonly kind: "word"; readonly key: string }
  /** Write back the line that begins with `key`, or `absent` where there was none. */
  | { readonly kind: "line"; readonly key: string; readonly absent: string }
  /** Write `value` to another file: an entry of a list that is taken back. */
  | { readonly kind: "write"; readonly path: string; readonly value: string }
  /** Attach the program that was attached before. */
  | { readonly kind: "program" }
  /** Nothing was changed that matters. */
  | { readonly kind: "nothing" };

/** Finds how a write is undone. */
export function restoreOf(write: CgroupWrite): Restore {
  switch (write.kind) {
    case "write":
      return restoreOfFile(write);
    case "deviceProgram":
      return { kind: "program" };
    case "inherit":
    case "usageCheck":
    case "unitProperties":
      return { kind: "nothing" };
    default:
      return assertNever(write);
  }
}

/**
 * What each file of one line a device or interface takes for "as if never set". The others hold one value.
 * Source: the kernel's cgroup-v1/{blkio-controller,net_prio,rdma}.rst, cgroup-v2.rst; block/{blk-throttle,bfq-cgroup}.c.
 */
const LINE_DEFAULTS: Readonly<Record<string, string>> = {
  "blkio.leaf_weight_device": "default",
  "blkio.weight_device": "default",
  "blkio.throttle.read_bps_device": "0",
  "blkio.throttle.read_iops_device": "0",
  "blkio.throttle.write_bps_device": "0",
  "blkio.throttle.write_iops_device": "0",
  "io.max": "rbps=max wbps=max riops=max wiops=max",
  "net_prio.ifpriomap": "0",
  "rdma.max": "hca_handle=max hca_object=max",
};

const OPPOSITE_LISTS: Readonly<Record<string, string>> = {
  "devices.allow": "devices.deny",
  "devices.deny": "devices.allow",
};

function restoreOfFile({ path, value }: FileWrite): Restore {
  const directory = path.slice(0, path.lastIndexOf("/"));
  const name = path.slice(directory.length + 1);
  const key = value.split(" ", 1)[0] ?? value;
  const lineDefault = LINE_DEFAULTS[name];
  if (lineDefault !== undefined) return { kind: "line", key, absent: `${key} ${lineDefault}` };
  const opposite = OPPOSITE_LISTS[name];
  if (opposite !== undefined) return { kind: "write", path: `${directory}/${opposite}`, value };
  if (name === "memory.oom_control") return { kind: "word", key: "oom_kill_disable" };
  if (name === "cgroup.subtree_control" || name === "cgroup.type") return { kind: "nothing" };
  if (name === "io.bfq.weight" || name === "io.weight") return restoreOfWeight(value, key);
  return { kind: "text" };
}

/** "100" sets the default weight, which is the line "default 100"; "8:0 100" sets one device's. */
function restoreOfWeight(value: string, key: string): Restore {
  return value === key
    ? { kind: "line", key: "default", absent: "default 100" }
    : { kind: "line", key, absent: `${key} default` };
}
