import { spawnSync } from "node:child_process";
import { type HostFinding, lacking } from "../../../base/host-finding.ts";
import { absolutePath } from "../../../cli/absolute-path.ts";
import { reportHostFindings } from "../../../cli/report-host-findings.ts";
import type { EngineContext } from "../../container/engine-context.ts";
import { ownContext } from "../../container/runtime-driver.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"doctor"> = async ({ flags: { bundle, format } }, at) => {
  const context = engineContext(at);
  const { examineHost } = await import("../../../runtime/index.ts");
  const options = bundle === undefined ? {} : { bundle: absolutePath(context.cwd, bundle) };
  const host = await examineHost(ownContext(context.paths, context.warn), options);
  const own = at.host.effectiveUid() === 0 ? await ownFindings(context) : findingsInNamespace(context);
  return reportHostFindings([...host, ...own], format, at.print);
};

async function ownFindings({ paths }: EngineContext): Promise<readonly HostFinding[]> {
  const [{ engineFindings }, { readEngineFacts }] = await Promise.all([
    import("../../doctor/engine-findings.ts"),
    import("../../doctor/engine-facts.ts"),
  ]);
  return engineFindings(readEngineFacts(paths));
}

/** An ordinary user's storage is what it is as root of the user's namespace: another process goes there and tells. */
function findingsInNamespace({ selfArgv }: EngineContext): readonly HostFinding[] {
  const [program = "", ...words] = selfArgv;
  const { status, stdout, stderr } = spawnSync(program, [...words, "doctor-findings"], { encoding: "utf8" });
  // The very next function has printed it.
  if (status === 0) return JSON.parse(stdout) as readonly HostFinding[];
  const seen = stderr.trim().replace(/^mydocker: /, "") || `the program ended with ${status}`;
  return [lacking("missing", { name: "user namespace", seen, effect: "mydocker cannot run for this user" })];
}

/** What the process in the user's namespace does. */
export const actInNamespace: EngineAct<"doctor-findings"> = async (_call, at) => {
  at.print(`${JSON.stringify(await ownFindings(engineContext(at)))}\n`);
};
