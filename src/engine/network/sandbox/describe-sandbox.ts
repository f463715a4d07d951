import type { EnginePaths } from "../../base/paths.ts";
import type { SandboxResult } from "../types.ts";
import { sandboxResult } from "./connect-sandbox.ts";
import { readSandbox } from "./sandbox-record.ts";
import { describeUserNetwork } from "./user-network.ts";

export async function describeSandbox(paths: EnginePaths, containerId: string): Promise<SandboxResult | undefined> {
  const record = readSandbox(paths, containerId);
  if (record === undefined) return undefined;
  return record.networkIds.length === 0 ? describeUserNetwork(record) : sandboxResult(paths, record);
}
