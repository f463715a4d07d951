import { RuntimeError } from "../base/errors.ts";
import {
  type ParameterValues,
  type PlanTexts,
  placeholders,
  planTemplate,
  subjectConfigs,
} from "../plan/plan-template.ts";
import { close, readFdText } from "../sys/descriptors.ts";
import { readText, writeAtomic } from "../sys/files.ts";
import { giveBackProgram } from "../sys/processes.ts";

/** The launcher's question: whether the plan of this subject can be kept. Source: native/plan_cache.h. */
export interface PlanRequest {
  /** Where the answer goes. */
  readonly entry: string;
  readonly subject: string;
  readonly values: ParameterValues;
}

/** Compiles the plan again, with other values and with the configs that hold them. */
export type CompileAgain = (values: ParameterValues, configs: readonly string[]) => Promise<PlanTexts>;

const MAGIC = "mydocker-kept-plan 1";
const MAX_REQUEST_BYTES = 1 << 20;
const ENTRY_MODE = 0o600;

/** Reads the request in this descriptor, and closes it. Throws SystemError. */
export function readPlanRequest(fd: number): PlanRequest {
  try {
    const [entry = "", subject = "", ...values] = readFdText(fd, MAX_REQUEST_BYTES).split("\0");
    return { entry, subject, values: values.slice(0, -1) };
  } finally {
    close(fd);
  }
}

/**
 * Keeps the plan for the next container whose subject is the same, so that the launcher needs no engine for it. Where
 * that cannot be, the entry says so. Nothing here is worth failing for: a plan that is not kept is compiled again.
 */
export async function keepPlan(
  { entry, subject, values }: PlanRequest,
  real: PlanTexts,
  configCount: number,
  compile: CompileAgain,
): Promise<void> {
  const { state, image } = (await templateOf({ subject, values }, real, configCount, compile)) ?? NOT_KEPT;
  try {
    writeAtomic(entry, [MAGIC, subject, state, image].join("\0"), ENTRY_MODE);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
  }
}

/** The command that reports failures, with other parameters: its last word is the id. */
export function reportArgvWith(argv: readonly string[], { id, log }: { id?: string; log?: string }): readonly string[] {
  const words = argv.map((word) => (log !== undefined && word.startsWith("--log=") ? `--log=${log}` : word));
  return id === undefined ? words : [...words.slice(0, -1), id];
}

/** Plans with something to say each time, or made from more than their subject, are not kept. */
export function refuseToKeep(reason: string): never {
  throw new RuntimeError("ERR_INTERNAL", reason);
}

/** Digits that nobody can have put into a config; the engine's own module for that takes more memory than compiling. */
function randomHex(length: number): string {
  let digits = "";
  while (digits.length < length) digits += readText("/proc/sys/kernel/random/uuid").replaceAll(/[^0-9a-f]/g, "");
  return digits.slice(0, length);
}

const NOT_KEPT: PlanTexts = { state: "", image: "" };

async function templateOf(
  { subject, values }: Pick<PlanRequest, "subject" | "values">,
  real: PlanTexts,
  configCount: number,
  compile: CompileAgain,
): Promise<PlanTexts | undefined> {
  // To compile twice more takes memory as well: no more at once than the container's own plan took.
  giveBackProgram({ withCode: true });
  try {
    const compiled: (readonly [ParameterValues, PlanTexts])[] = [];
    for (const place of ["first", "last"] as const) {
      const others = placeholders(values, place, randomHex);
      compiled.push([others, await compile(others, subjectConfigs(subject, configCount, others))]);
    }
    return planTemplate([values, real], compiled);
  } catch (error) {
    // The rules refuse a placeholder: what stands there is not free.
    if (error instanceof RuntimeError) return undefined;
    throw error;
  }
}
