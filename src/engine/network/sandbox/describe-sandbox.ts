import type { EnginePaths } from "../../base/paths.ts";
import type { SandboxResult } from "../types.ts";
import { sandboxResult } from "./connect-sandbox.ts";
import { readSandbox } from "./sandbox-record.ts";

export async function describeSandbox(paths: EnginePaths, containerId: string): Promise<SandboxResult | undefined> {
  const record = readSandbox(paths, containerId);
  return record === undefined ? undefined : sandboxResult(paths, record);
}
