import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import type { PeerName } from "./peers.ts";

export interface RuntimeUnderTest {
  readonly path: string;
  readonly name: "ours" | PeerName;
}

/** The one that this project builds. */
export const EXECUTABLE = join(PROJECT_ROOT, "dist/mydocker-runtime");

/** The runtime that the integration tests run: $OCI_RUNTIME, or the executable. */
export const RUNTIME: RuntimeUnderTest = runtimeAt(process.env.OCI_RUNTIME ?? EXECUTABLE);

/** Why no integration test can run, or undefined. */
export function missingRuntime(): string | undefined {
  return existsSync(RUNTIME.path) ? undefined : `${RUNTIME.path} is not there: npm run build makes it`;
}

function runtimeAt(path: string): RuntimeUnderTest {
  const name = basename(path);
  return { path, name: name === "runc" || name === "crun" ? name : "ours" };
}
