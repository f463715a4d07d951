import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../../src/tools/make-rootfs.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";

/** Makes a mydocker-runtime that runs on Node, from what tsc compiles; its path. It needs no PATH, which tests change. */
export function nodeRuntime(): string {
  const directory = join(PROJECT_ROOT, "build/node");
  const path = join(directory, "mydocker-runtime");
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, `#!${findProgram("node")}\nimport "../src/bin/mydocker-runtime.js";\n`);
  chmodSync(path, 0o755);
  return path;
}
