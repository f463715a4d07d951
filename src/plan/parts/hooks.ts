import type { Config } from "../../config/types.gen.ts";
import type { PlanDraft } from "../draft.ts";
import type { PlanInput } from "../plan-input.ts";
import type { Stage } from "../step.ts";

type Hooks = NonNullable<Config["hooks"]>;
export type HookKind = keyof Hooks;

/** The environment is there when the first hooks run: by the life cycle's numbers the container is created. */
const STATUS_OF: Readonly<Record<HookKind, string>> = {
  prestart: "created",
  createRuntime: "created",
  createContainer: "created",
  startContainer: "created",
  poststart: "running",
  poststop: "stopped",
};

/** In the container's namespaces the caller's environment would be there to read for whoever shares them. */
const ON_RUNTIME_SIDE: readonly HookKind[] = ["prestart", "createRuntime", "poststart", "poststop"];

/**
 * The hooks of one kind, in order, each with the state on its standard input. Without an environment of its own, one on
 * the runtime's side gets the caller's, and a startContainer hook the process's. Those before the change of the root
 * start in what becomes it, where the hooks of others expect to be: the root has no path in the state. Source:
 * config.md#posix-platform-hooks.
 */
export function addHooks(draft: PlanDraft, at: Stage, kind: HookKind, input: PlanInput): void {
  const { before, after } = hookState(kind, input);
  (input.config.hooks?.[kind] ?? []).forEach((hook, index) => {
    draft.add(
      at,
      { config: `/hooks/${kind}/${index}` },
      {
        op: "hook.run",
        kind,
        path: hook.path,
        args: hook.args ?? [],
        env: hook.env ?? (kind === "startContainer" ? (input.config.process?.env ?? []) : []),
        timeoutMs: Math.round((hook.timeout ?? 0) * 1000),
        stateBeforePid: before,
        stateAfterPid: after,
        mustSucceed: kind === "poststop" ? 0 : 1,
        home: kind === "startContainer" && hook.env === undefined ? 1 : 0,
        inheritsEnv: ON_RUNTIME_SIDE.includes(kind) && hook.env === undefined ? 1 : 0,
        atRoot: kind === "createContainer" ? 1 : 0,
      },
    );
  });
}

export function hasHooks(config: Config, ...kinds: readonly HookKind[]): boolean {
  return kinds.some((kind) => (config.hooks?.[kind]?.length ?? 0) > 0);
}

/** The container's state as JSON text, split where the pid goes. Source: runtime.md#state. */
function hookState(kind: HookKind, { id, config, bundle }: PlanInput): { before: string; after: string } {
  const state = { ociVersion: config.ociVersion, id, status: STATUS_OF[kind], pid: 0, bundle };
  const annotations = config.annotations === undefined ? "" : `,"annotations":${JSON.stringify(config.annotations)}`;
  const text = JSON.stringify(state);
  const at = text.indexOf('"pid":0') + '"pid":'.length;
  return { before: text.slice(0, at), after: `${text.slice(at + 1, -1)}${annotations}}` };
}
