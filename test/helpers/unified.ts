import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestBox } from "./test-box.ts";

/** Where the unified hierarchy is on a host that has no other. */
export const UNIFIED = "/sys/fs/cgroup";

/** The v2 directory of a container's init. */
export async function cgroupV2Of(box: TestBox): Promise<string> {
  const { pid } = await box.state();
  const line = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
  return join(UNIFIED, line?.[1] ?? "");
}

/** A file of the container's v2 cgroup, without the newline at the end. */
export async function readCgroupV2(box: TestBox, name: string): Promise<string> {
  return readFileSync(join(await cgroupV2Of(box), name), "utf8").trim();
}
