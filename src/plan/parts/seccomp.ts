import type { SeccompProgram } from "../../seccomp/compile-seccomp.ts";
import type { PlanDraft } from "../draft.ts";
import type { PlanInput } from "../plan-input.ts";

/** When the filter is loaded, seen from the container's command. */
export type SeccompMoment = "while privileged" | "when prepared" | "last";

/** A container, its filter, and the process that gets it. */
export interface SeccompInput extends Pick<PlanInput, "id" | "bundle" | "config" | "seccomp"> {
  /** The container's init, where that runs already: the process is another one then. */
  readonly initPid?: number;
}

/**
 * Without no_new_privs a filter takes CAP_SYS_ADMIN: it is loaded before the capabilities are dropped. With it, the
 * later the better: what the runtime itself still has to call need not be allowed. A listener has to be sent while
 * there is somebody to send it. Source: seccomp(2), config-linux.md#seccomp.
 */
export function seccompMoment(input: SeccompInput, program: SeccompProgram): SeccompMoment {
  if (input.config.process?.noNewPrivileges !== true) return "while privileged";
  return program.needsListener ? "when prepared" : "last";
}

/** Loads the filter if this is the moment for it. */
export function addSeccomp(draft: PlanDraft, input: SeccompInput, now: SeccompMoment): void {
  const { seccomp: program } = input;
  if (program === undefined || seccompMoment(input, program) !== now) return;
  draft.add("init", FROM, {
    op: "seccomp.load",
    flags: program.flags,
    program: program.instructions,
    listener: program.needsListener ? 1 : 0,
  });
  if (program.needsListener) addListener(draft, input);
}

const FROM = { config: "/linux/seccomp" } as const;

/** Sends the listener, with the container process state, to the agent. Source: config-linux.md#containerprocessstate. */
function addListener(draft: PlanDraft, { config, id, bundle, initPid }: SeccompInput): void {
  const { ociVersion, annotations } = config;
  const { listenerPath = "", listenerMetadata } = config.linux?.seccomp ?? {};
  const status = initPid === undefined ? "creating" : "running";
  const state = JSON.stringify({ ociVersion, id, status, bundle, ...(annotations && { annotations }) });
  const metadata = listenerMetadata === undefined ? "" : `,"metadata":${JSON.stringify(listenerMetadata)}`;
  const before = `{"ociVersion":${JSON.stringify(ociVersion)},"fds":["seccompFd"],"pid":`;
  const between = `${metadata},"state":${state.slice(0, -1)},"pid":`;
  draft.add(
    "parent",
    { config: "/linux/seccomp/listenerPath" },
    {
      op: "seccomp.send",
      path: listenerPath,
      aroundPids: initPid === undefined ? [before, between, "}}"] : [before, `${between}${initPid}}}`],
    },
  );
}
