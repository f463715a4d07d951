import { existsSync, readFileSync } from "node:fs";
import { PROBE } from "./probe.ts";
import type { HookKind, SpecHook } from "./spec-config.ts";
import type { TestBox } from "./test-box.ts";

/** startContainer hooks are programs of the container, all others of the host. */
export function programFor(kind: HookKind): string {
  return kind === "startContainer" ? "/probe" : PROBE;
}

/** Makes the box's own directory the same inside, so that hooks in the container can write there. */
export function bindLogDirectory(box: TestBox): void {
  box.config.mounts.push({ destination: box.directory, type: "bind", source: box.directory, options: ["bind"] });
}

/** A hook that appends to a file. */
export function logHook(kind: HookKind, file: string, text: string): SpecHook {
  return { path: programFor(kind), args: ["probe", "-o", "/dev/null", "write", file, text] };
}

export function failingHook(kind: HookKind, status: number): SpecHook {
  return { path: programFor(kind), args: ["probe", "exit", String(status)] };
}

export function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}
