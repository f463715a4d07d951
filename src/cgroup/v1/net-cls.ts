import type { Resources } from "../../config/types.gen.ts";
import type { CgroupWrite } from "../cgroup-plan.ts";
import { decimal } from "../decimal.ts";
import type { Target } from "../target.ts";
import { resource, write } from "../target.ts";

/** Compiles linux.resources.network.classID. Source: config-linux.md#network, the kernel's cgroup-v1/net_cls.rst. */
export function compileNetClsV1(resources: Resources, target: Target): readonly CgroupWrite[] {
  const classId = resources.network?.classID;
  if (classId === undefined) return [];
  return [write(target, "net_cls.classid", decimal(classId), resource("network", "classID"))];
}
