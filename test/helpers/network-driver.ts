/**
 * One call of the engine's networks, for tests: they run it inside a network namespace that stands for the host. The
 * argument is a DriverCall as JSON; the answer is a DriverAnswer on standard output.
 */
import { enginePaths } from "../../src/engine/base/paths.ts";
import { attachEndpoint, detachEndpoint } from "../../src/engine/network/sandbox/attach-endpoint.ts";
import { connectSandbox } from "../../src/engine/network/sandbox/connect-sandbox.ts";
import { recoverNetworks } from "../../src/engine/network/sandbox/recover-networks.ts";
import { releaseSandbox } from "../../src/engine/network/sandbox/release-sandbox.ts";
import type { EndpointRequest, SandboxRequest } from "../../src/engine/network/types.ts";

export interface DriverCall {
  readonly root: string;
  readonly run: string;
  readonly acts: readonly DriverAct[];
  /** The step before which it throws, or kills itself. */
  readonly failBefore?: string;
  readonly killBefore?: string;
}

export type DriverAct =
  | { readonly act: "connect"; readonly request: SandboxRequest }
  | { readonly act: "release"; readonly containerId: string }
  | { readonly act: "attach"; readonly containerId: string; readonly request: EndpointRequest }
  | { readonly act: "detach"; readonly containerId: string; readonly network: string }
  | { readonly act: "recover"; readonly living: readonly string[] };

export interface DriverAnswer {
  readonly results: readonly unknown[];
  readonly error?: string;
}

// Written by the test that reads the answer.
const call = JSON.parse(process.argv[2] ?? "") as DriverCall;
const paths = enginePaths({ effectiveUid: 0, env: () => undefined, root: call.root, runRoot: call.run });

const results: unknown[] = [];
try {
  for (const act of call.acts) results.push((await perform(act)) ?? null);
  answer({ results });
} catch (error) {
  answer({ results, error: error instanceof Error ? error.message : String(error) });
}

function answer(value: DriverAnswer): void {
  console.log(JSON.stringify(value));
}

function perform(act: DriverAct): Promise<unknown> {
  switch (act.act) {
    case "connect":
      return connectSandbox(paths, act.request, beforeStep);
    case "release":
      return releaseSandbox(paths, act.containerId);
    case "attach":
      return attachEndpoint(paths, act.containerId, act.request, beforeStep);
    case "detach":
      return detachEndpoint(paths, act.containerId, act.network);
    case "recover":
      return recoverNetworks(paths, async (id, release) => {
        if (act.living.includes(id)) return false;
        await release();
        return true;
      });
  }
}

function beforeStep(step: string): void {
  if (step === call.killBefore) process.kill(process.pid, "SIGKILL");
  if (step === call.failBefore) throw new Error(`told to fail before "${step}"`);
}
