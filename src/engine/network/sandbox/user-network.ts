import { EngineError } from "../../base/errors.ts";
import type { EnginePaths } from "../../base/paths.ts";
import type { EndpointRequest, SandboxRequest, SandboxResult } from "../types.ts";

export async function prepareUserNetwork(
  _paths: EnginePaths,
  _request: SandboxRequest,
  _requests: readonly EndpointRequest[],
): Promise<SandboxResult> {
  throw new EngineError("Cannot give an ordinary user's container a network: there are none and host", {
    code: "ERR_NOT_SUPPORTED",
    fix: "use --network none or --network host",
  });
}

export async function startUserNetwork(_paths: EnginePaths, _containerId: string, _pid: number): Promise<void> {}
