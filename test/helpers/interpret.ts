import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FailureRecord, parseReport } from "../../src/apply/failure-record.ts";
import { encodePlan } from "../../src/plan/encode.ts";
import { SLOT_LOCK, SLOT_REPORT } from "../../src/plan/slots.ts";
import type { Plan } from "../../src/plan/step.ts";
import type { RunOptions, RuntimeContext } from "../../src/runtime/options.ts";
import { prepare } from "../../src/runtime/prepare.ts";
import { claimContainer } from "../../src/state/store.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import type { TestBox } from "./test-box.ts";

export interface InterpretOptions {
  readonly verb: "create" | "run";
  /** Changes what is to be carried out. */
  readonly edit?: (plan: Plan) => Plan;
  /** The command line of a program that starts the one behind it, such as strace. */
  readonly wrapper?: readonly string[];
}

/** How the interpreter ended. */
export interface Interpreted {
  /** Its exit status; undefined where a signal ended it. */
  readonly status: number | undefined;
  readonly record: FailureRecord | undefined;
}

const INTERPRETER = join(PROJECT_ROOT, "dist/mydocker-init");
const TIMEOUT_MS = 20_000;
const [IMAGE, REPORT, LOCK] = [3, 4, 5];

/**
 * Does what createContainer and runContainer do up to the moment at which a failure would be undone, with another plan
 * than the config's: what is left on the host is left for the test.
 */
export async function interpret(
  box: TestBox,
  { verb, edit = (plan) => plan, wrapper = [] }: InterpretOptions,
): Promise<Interpreted> {
  const { built, state, configText } = await prepare(contextOf(box), optionsOf(box), verb);
  const { lockFd } = claimContainer(box.stateRoot, state, configText);
  writeFileSync(box.path("plan"), encodePlan(edit(built.plan), []));
  const report = box.path("report");
  // A wrapper would hold a copy of the lock, and the interpreter, which takes it once more, would wait for ever.
  const isLocked = wrapper.length === 0;
  const fds = [openSync(box.path("plan"), "r"), openSync(report, "w"), ...(isLocked ? [lockFd] : [])];
  const slots = [`${SLOT_REPORT}=${REPORT}`, ...(isLocked ? [`${SLOT_LOCK}=${LOCK}`] : [])];
  if (!isLocked) closeSync(lockFd);
  const argv = [...wrapper, INTERPRETER, `${IMAGE}`, ...slots];
  const ended = runWith(argv, fds);
  for (const fd of fds) closeSync(fd);
  return { status: await ended, record: parseReport(readFileSync(report, "utf8"))?.record };
}

export function contextOf(box: TestBox): RuntimeContext {
  return { root: box.stateRoot, warn: () => {} };
}

function optionsOf(box: TestBox): RunOptions {
  return { id: box.id, bundle: box.bundle, pidFile: box.path("pid") };
}

/** Resolves to the exit status; the descriptors become 3 and so on. */
function runWith([file = "", ...args]: readonly string[], fds: readonly number[]): Promise<number | undefined> {
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "ignore", ...fds] });
  const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(timer);
      resolve(code ?? undefined);
    });
  });
}
