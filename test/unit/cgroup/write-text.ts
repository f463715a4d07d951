import { formatOrigin } from "../../../src/base/origin.ts";
import type { CgroupWrite } from "../../../src/cgroup/cgroup-plan.ts";

/** A write as one line, such as "memory/demo/memory.max = 1 ?exists | other = 2", its path below `root`. */
export function writeText(write: CgroupWrite, root: string): string {
  const name = (path: string) => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path);
  switch (write.kind) {
    case "write": {
      const condition = write.when === "always" ? "" : ` ?${write.when}`;
      const other = write.orElse === undefined ? "" : ` | ${name(write.orElse)}`;
      const otherValue = write.orElseValue === undefined ? "" : ` = ${write.orElseValue}`;
      return `${name(write.path)} = ${write.value}${condition}${other}${otherValue}`;
    }
    case "inherit":
      return `${name(write.path)}/${write.file} from ${name(write.parent)}`;
    case "usageCheck":
      return `${name(write.path)} < ${write.limitBytes}`;
    case "deviceProgram":
      return `${name(write.path)} program`;
    case "unitProperties":
      return write.command.join(" ");
  }
}

/** The places in the config that the writes come from, in their order and each once. */
export function originsOf(writes: readonly CgroupWrite[]): readonly string[] {
  return [...new Set(writes.map(({ from }) => formatOrigin(from)))];
}
