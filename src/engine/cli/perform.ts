import type { ActResult } from "../../cli/act.ts";
import type { Host } from "../../cli/host.ts";
import { EngineError, EXIT_STATUS } from "../base/errors.ts";
import type { EngineSurroundings } from "./act.ts";
import { ACTS } from "./acts.ts";
import type { AnyEngineCall, EngineVerb } from "./call.ts";
import { enginePathsOf } from "./engine-paths.ts";
import { reportFailure } from "./report-failure.ts";

/** What an ordinary user's commands do without being root of a user namespace. */
const WITHOUT_NAMESPACE: readonly string[] = ["version", "doctor", "enter-failed"];

/**
 * Carries out one parsed command line, `argv` without the program's name, and reports a failure. Gives the exit status. For
 * an ordinary user this process becomes another one for that, with the same pid.
 */
export async function perform(call: AnyEngineCall, host: Host, argv: readonly string[]): Promise<number> {
  const at = surroundings(call, host);
  try {
    if (host.effectiveUid() !== 0 && !WITHOUT_NAMESPACE.includes(call.verb)) {
      const { enterUserNamespace } = await import("./enter-namespaces.ts");
      enterUserNamespace(enginePathsOf(at), argv);
    }
    return (await act(call.verb, call, at)) ?? EXIT_STATUS.success;
  } catch (error) {
    at.fail(error);
    return failureStatus(error, call.verb);
  }
}

async function act<V extends EngineVerb>(verb: V, call: AnyEngineCall<V>, at: EngineSurroundings): Promise<ActResult> {
  const module = await ACTS[verb]();
  return await module.act(call, at);
}

function surroundings({ globals }: AnyEngineCall, host: Host): EngineSurroundings {
  return {
    host,
    globals,
    print: (text) => host.write(1, text),
    warn: (message) => host.write(2, `mydocker: warning: ${message}\n`),
    fail: (thrown) => reportFailure(thrown, host, globals.debug),
  };
}

/** What `run` itself fails with is a status that programs seldom have. */
function failureStatus(error: unknown, verb: string): number {
  if (error instanceof EngineError && error.exitStatus !== undefined) return error.exitStatus;
  const isAboutFlag = error instanceof EngineError && error.details.flag !== undefined;
  return verb === "run" || (verb === "create" && isAboutFlag) ? EXIT_STATUS.engine : EXIT_STATUS.failure;
}
