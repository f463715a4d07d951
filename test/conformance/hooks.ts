import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { PROBE, probeArgs } from "../helpers/probe.ts";
import type { HookKind, SpecHook } from "../helpers/spec-config.ts";
import type { TestBox } from "../helpers/test-box.ts";

/** Where the hooks of each kind run, and where their paths are looked up. */
export const HOOK_PLACES: Readonly<Record<HookKind, { readonly runs: Place; readonly path: Place }>> = {
  prestart: { runs: "runtime", path: "runtime" },
  createRuntime: { runs: "runtime", path: "runtime" },
  createContainer: { runs: "container", path: "runtime" },
  startContainer: { runs: "container", path: "container" },
  poststart: { runs: "runtime", path: "runtime" },
  poststop: { runs: "runtime", path: "runtime" },
};

type Place = "runtime" | "container";

/** The probe as a hook of this kind sees it. */
export function hookProgram(kind: HookKind): string {
  return HOOK_PLACES[kind].path === "container" ? "/probe" : PROBE;
}

/** Arguments of the probe as a hook. It reads the state, because not every runtime bears a hook that does not. */
export function hookArgs(output: string, ...commands: readonly (readonly string[])[]): string[] {
  return ["probe", "-o", output, ...probeArgs(["cat", "-"], ...commands)];
}

/** A hook that appends a line to a file, which is the same inside and outside once shareDirectory was called. */
export function logHook(kind: HookKind, file: string, line: string): SpecHook {
  return { path: hookProgram(kind), args: hookArgs("/dev/null", ["write", file, `${line}\n`]) };
}

export function failingHook(kind: HookKind): SpecHook {
  return { path: hookProgram(kind), args: hookArgs("/dev/null", ["exit", "3"]) };
}

/** A hook of the runtime's side that is a shell script. */
export function scriptHook(box: TestBox, script: string): SpecHook {
  const path = box.path("hook.sh");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return { path };
}

/** Makes the box's own directory the same inside, so that hooks in the container can write there. */
export function shareDirectory(box: TestBox): void {
  box.config.mounts.push({ destination: box.directory, type: "bind", source: box.directory, options: ["bind"] });
}

/** The lines of a file; none where it is not there. */
export function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}
