import { RuntimeError } from "../base/errors.ts";
import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";

/** What state.json holds: enough to find the container again, whatever happens to its bundle. */
export interface StoredState {
  readonly version: 1;
  /** "creating" until the container's init is ready; what it is now is derived, see liveness.ts. */
  readonly phase: "creating" | "created";
  readonly id: string;
  readonly ociVersion: string;
  /** The init's pid on the host; 0 before there is one. */
  readonly pid: number;
  /** When it started, in clock ticks since boot: with the pid it names one process. */
  readonly startTime: number;
  readonly bundle: string;
  readonly rootfs: string;
  /** RFC 3339, UTC. */
  readonly created: string;
  readonly owner: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly cgroup: CgroupPaths;
}

/** The text of state.json, split where the pid and the start time go: the static program fills them in. */
export function renderStatePieces(state: StoredState): {
  readonly beforePid: string;
  readonly betweenPidAndStart: string;
  readonly afterStart: string;
} {
  const { pid: _pid, startTime: _startTime, ...rest } = state;
  return { beforePid: '{"pid":', betweenPidAndStart: ',"startTime":', afterStart: `,${JSON.stringify(rest).slice(1)}\n` };
}

/** The text of state.json. */
export function renderState(state: StoredState): string {
  const { beforePid, betweenPidAndStart, afterStart } = renderStatePieces(state);
  return `${beforePid}${state.pid}${betweenPidAndStart}${state.startTime}${afterStart}`;
}

/** Reads the text of state.json. Throws RuntimeError ERR_STATE_CORRUPT that names the file and what is wrong. */
export function parseState(text: string, path: string): StoredState {
  const value = parseObject(text, path);
  for (const [name, check] of Object.entries(MEMBERS)) {
    if (!check(value[name])) throw corrupt(path, `the member "${name}" is ${JSON.stringify(value[name]) ?? "missing"}`);
  }
  return value as unknown as StoredState; // every member has just been checked
}

const isText = (value: unknown): boolean => typeof value === "string";
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

const MEMBERS: Readonly<Record<keyof StoredState, (value: unknown) => boolean>> = {
  version: (value) => value === 1,
  phase: (value) => value === "creating" || value === "created",
  id: isText,
  ociVersion: isText,
  pid: isCount,
  startTime: isCount,
  bundle: isText,
  rootfs: isText,
  created: isText,
  owner: isText,
  annotations: (value) => value === undefined || isObject(value),
  cgroup: (value) => isObject(value) && isObject((value as { v1?: unknown }).v1), // an object by the first half
};

function parseObject(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value as Readonly<Record<string, unknown>>; // checked by isObject
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw corrupt(path, text === "" ? "it is empty" : "it is no JSON object");
}

function corrupt(path: string, what: string): RuntimeError {
  return new RuntimeError("ERR_STATE_CORRUPT", `Cannot read the state file "${path}": ${what}`, {
    fix: "remove the container with delete --force",
  });
}
