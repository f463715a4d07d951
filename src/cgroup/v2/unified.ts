import type { Problem } from "../../base/problem.ts";
import { shownValue } from "../../base/problem.ts";
import type { Resources } from "../../config/types.gen.ts";
import type { FileWrite } from "../cgroup-plan.ts";
import type { Target } from "../target.ts";
import { resource, write } from "../target.ts";

/**
 * Compiles linux.resources.unified: every value verbatim, one write a line, after everything else, so that it has the
 * last word. Source: config-linux.md#unified.
 */
export function compileUnified({ unified = {} }: Resources, target: Target): readonly FileWrite[] {
  return Object.entries(unified).flatMap(([file, value]) =>
    value
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => write(target, file, line, resource("unified", file), { missing: NO_FILE })),
  );
}

const NO_FILE = "this kernel's controller has no such file";

/** The controllers that the files of linux.resources.unified belong to; "cgroup" is every cgroup's own. */
export function unifiedControllers({ unified = {} }: Resources): readonly string[] {
  const controllers = Object.keys(unified).map(controllerOf);
  return [...new Set(controllers)].filter((controller) => controller !== "cgroup");
}

/**
 * Files that are no file names, and files of controllers that this host's unified hierarchy does not have; `available`
 * is undefined where there is no such hierarchy.
 */
export function unifiedProblems(
  { unified = {} }: Resources,
  available: readonly string[] | undefined,
): readonly Problem[] {
  return Object.entries(unified).flatMap(([file, value]) => {
    const finding = refusal(file, available);
    if (finding === undefined) return [];
    const place = { pointer: resource("unified", file), value: shownValue(value), spec: SPEC } as const;
    return [{ severity: "error", ...finding, ...place }];
  });
}

const SPEC = "config-linux.md#unified";

function refusal(
  file: string,
  available: readonly string[] | undefined,
): Pick<Problem, "code" | "message"> | undefined {
  if (file.includes("/") || file.indexOf(".") < 1) {
    const message = `is set for "${file}", which must be the name of a cgroup file, such as "memory.high"`;
    return { code: "CGROUP_UNIFIED_NAME", message };
  }
  if (available === undefined) {
    return { code: "CGROUP_UNIFIED_ON_V1", message: "is a setting of cgroup v2, which is not mounted on this host" };
  }
  const controller = controllerOf(file);
  if (controller === "cgroup" || available.includes(controller)) return undefined;
  const message = `needs the cgroup v2 controller ${controller}, which this host's unified hierarchy does not have`;
  return { code: "CGROUP_UNIFIED_CONTROLLER", message };
}

function controllerOf(file: string): string {
  return file.slice(0, file.indexOf("."));
}
