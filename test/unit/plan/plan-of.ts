import { formatOrigin } from "../../../src/base/origin.ts";
import type { Config } from "../../../src/config/types.gen.ts";
import { type BuiltPlan, buildPlan } from "../../../src/plan/build.ts";
import { checkPlan } from "../../../src/plan/check.ts";
import { showOp } from "../../../src/plan/describe.ts";
import type { Op, OpName } from "../../../src/plan/op-table.ts";
import type { PlanInput } from "../../../src/plan/plan-input.ts";
import type { Step } from "../../../src/plan/step.ts";
import { V1_HOST } from "../../../src/tools/fixed-hosts.ts";

/** What a case is about; the rest of the config is as little as a container needs. */
export interface Fragment extends Partial<Omit<Config, "process" | "linux">> {
  readonly process?: Partial<NonNullable<Config["process"]>>;
  readonly linux?: Config["linux"] | undefined;
}

const PROCESS = { user: { uid: 0, gid: 0 }, args: ["true"], cwd: "/" };

function configOf({ process, linux, ...rest }: Fragment): Config {
  return {
    ociVersion: "1.3.0",
    root: { path: "rootfs" },
    ...rest,
    process: { ...PROCESS, ...process },
    linux: { namespaces: [{ type: "pid" }, { type: "mount" }], ...linux },
  };
}

/** Compiles a config for a host with cgroups of version 1, and checks the laws of order. */
export function build(fragment: Fragment, more: Partial<PlanInput> = {}): BuiltPlan {
  const built = buildPlan({
    verb: "run",
    id: "box",
    config: configOf(fragment),
    host: V1_HOST,
    bundle: "/bundle",
    rootfs: "/bundle/rootfs",
    stateDirectory: "/state/box",
    renderState: () => ({ beforePid: "{", betweenPidAndStart: ",", afterStart: "}" }),
    detach: false,
    keep: false,
    noPivot: false,
    noNewKeyring: false,
    preserveFds: 0,
    ...more,
  });
  checkPlan(built.plan);
  return built;
}

/** The steps that come from a place of the config, from those below it, or from a flag. */
export function stepsFrom(origin: string, fragment: Fragment, more?: Partial<PlanInput>): readonly Step[] {
  return build(fragment, more).plan.steps.filter(({ from }) => {
    const place = formatOrigin(from);
    return place === origin || place.startsWith(`${origin}/`);
  });
}

/** The same in one line each: process, operation, what it does. */
export function linesFrom(origin: string, fragment: Fragment, more?: Partial<PlanInput>): readonly string[] {
  return stepsFrom(origin, fragment, more).map(showStep);
}

export function showStep({ at, op }: Step): string {
  return `${at} ${op.op} ${showOp(op)}`.trimEnd();
}

/** The operations of one name, wherever they come from. */
export function opsOf<Name extends OpName>(
  name: Name,
  fragment: Fragment,
  more?: Partial<PlanInput>,
): readonly Extract<Op, { readonly op: Name }>[] {
  const isWanted = (op: Op): op is Extract<Op, { readonly op: Name }> => op.op === name;
  return build(fragment, more)
    .plan.steps.map(({ op }) => op)
    .filter(isWanted);
}
