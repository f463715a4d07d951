import { endPhase } from "../base/timeline.ts";
import { VERSION } from "../base/version.ts";
import type { RuntimeContext } from "../runtime/index.ts";
import { absolutePath } from "./absolute-path.ts";
import type { Act, ActResult, Surroundings } from "./act.ts";
import type { AnyCall, Globals, Verb } from "./call.ts";
import { EXIT_SUCCESS, failureStatus } from "./exit-code.ts";
import type { FlagValue } from "./flag-table.ts";
import type { Host } from "./host.ts";
import { createReporter, type Reporter } from "./reporter.ts";
import { stateRoot } from "./state-root.ts";

type ActLoaders = { readonly [V in Verb]: () => Promise<{ readonly act: Act<V> }> };

/** Each verb is evaluated only when it is called: a bundle keeps these imports lazy. */
const ACTS: ActLoaders = {
  create: () => import("./verbs/create.ts"),
  start: () => import("./verbs/start.ts"),
  run: () => import("./verbs/run.ts"),
  state: () => import("./verbs/state.ts"),
  kill: () => import("./verbs/kill.ts"),
  exec: () => import("./verbs/exec.ts"),
  ps: () => import("./verbs/ps.ts"),
  pause: () => import("./verbs/pause.ts"),
  resume: () => import("./verbs/resume.ts"),
  update: () => import("./verbs/update.ts"),
  events: () => import("./verbs/events.ts"),
  checkpoint: () => import("./verbs/checkpoint.ts"),
  restore: () => import("./verbs/restore.ts"),
  delete: () => import("./verbs/delete.ts"),
  list: () => import("./verbs/list.ts"),
  spec: () => import("./verbs/spec.ts"),
  plan: () => import("./verbs/plan.ts"),
  diff: () => import("./verbs/diff.ts"),
  trace: () => import("./verbs/trace.ts"),
  validate: () => import("./verbs/validate.ts"),
  doctor: () => import("./verbs/doctor.ts"),
  features: () => import("./verbs/features.ts"),
  "report-failure": () => import("./verbs/report-failure.ts"),
};

/** Carries out one parsed command line and reports a failure. Gives the exit status. */
export async function perform(call: AnyCall, host: Host): Promise<number> {
  endPhase("parse the command line");
  const reporter = createReporter(call.globals, host);
  try {
    const status = await act(call.verb, call, await surroundings(call, host, reporter));
    return status ?? EXIT_SUCCESS;
  } catch (error) {
    reporter.fail(error);
    return failureStatus(call.verb === "report-failure" ? call.args[0] : call.verb);
  }
}

async function act<V extends Verb>(verb: V, call: AnyCall<V>, at: Surroundings): Promise<ActResult> {
  const module = await ACTS[verb]();
  return await module.act(call, at);
}

async function surroundings(call: AnyCall, host: Host, reporter: Reporter): Promise<Surroundings> {
  const { verb, globals, flags, args } = call;
  const root = stateRoot(globals.root, host);
  reporter.debug(`version ${VERSION}, state root ${root}: ${verb} ${JSON.stringify({ flags, args })}`);
  return {
    runtime: await host.loadRuntime(),
    context: runtimeContext(call, root, host, reporter),
    cwd: host.cwd(),
    print: (text) => host.write(1, text),
  };
}

function runtimeContext(call: AnyCall, root: string, host: Host, reporter: Reporter): RuntimeContext {
  const { verb, globals, args } = call;
  const flags = globalFlags(globals, root, host);
  return {
    root,
    handover: "replace",
    warn: reporter.warn,
    ...(reporter.isDebugging && { debug: reporter.debug }),
    ...(globals.trace !== undefined && { traceFile: absolutePath(host.cwd(), globals.trace) }),
    rootless: globals.rootless === "auto" ? "auto" : globals.rootless === "true",
    systemdCgroup: globals["systemd-cgroup"] || globals["cgroup-manager"] === "systemd",
    ...(globals.criu !== undefined && { criu: absolutePath(host.cwd(), globals.criu) }),
    reportArgv: [...host.selfArgv, ...flags, "report-failure", verb, args[0] ?? ""],
    ...planRequest(host),
  };
}

/** What the launcher asks for beside the verb. Source: native/launcher.c. */
function planRequest(host: Host): Pick<RuntimeContext, "planRequestFd"> {
  const fd = host.env("MYDOCKER_PLAN_REQUEST") ?? "";
  return /^[0-9]{1,9}$/.test(fd) ? { planRequestFd: Number(fd) } : {};
}

/** The global flags of this line for another one, which may start in another directory. */
function globalFlags(globals: Globals, root: string, host: Host): readonly string[] {
  const log = globals.log === undefined || globals.log === "" ? {} : { log: absolutePath(host.cwd(), globals.log) };
  const given: Readonly<Record<string, FlagValue | undefined>> = { ...globals, root, ...log };
  const flags: string[] = [];
  for (const name in given) {
    const value = given[name];
    if (value === true) flags.push(`--${name}`);
    else if (value !== false) flags.push(`--${name}=${value}`);
  }
  return flags;
}
