import { StateError } from "../base/errors.ts";
import { shownValue } from "../base/problem.ts";
import type { CgroupPaths } from "../cgroup/cgroup-plan.ts";

/** What state.json holds: enough to find the container again, whatever happens to its bundle. */
export interface StoredState {
  /** Of this layout; another one is refused. */
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
  /** The name, or the number where it has none, of the user that created the container. */
  readonly owner: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly cgroup: CgroupPaths;
  /** The container kept its creator's session keyring: what joins it keeps its own. */
  readonly noNewKeyring?: true;
}

/** The text of state.json, split where the pid and the start time go: the static program fills them in. */
export function renderStatePieces(state: StoredState): {
  readonly beforePid: string;
  readonly betweenPidAndStart: string;
  readonly afterStart: string;
} {
  const { pid: _pid, startTime: _startTime, ...rest } = state;
  return {
    beforePid: '{"pid":',
    betweenPidAndStart: ',"startTime":',
    afterStart: `,${JSON.stringify(rest).slice(1)}\n`,
  };
}

/** The text of state.json. */
export function renderState(state: StoredState): string {
  const { beforePid, betweenPidAndStart, afterStart } = renderStatePieces(state);
  return `${beforePid}${state.pid}${betweenPidAndStart}${state.startTime}${afterStart}`;
}

/** Reads the text of state.json. Throws StateError ERR_STATE_CORRUPT that names the file and what is wrong. */
export function parseState(text: string, path: string): StoredState {
  const value = parseObject(text, path);
  for (const [name, { holds, expected }] of Object.entries(MEMBERS)) {
    const member = value[name];
    if (holds(member)) continue;
    const what = member === undefined ? "is missing" : `is ${shownValue(member)}`;
    throw corrupt(path, `"${name}" ${what}, and must be ${expected}`);
  }
  return value as unknown as StoredState; // every member has just been checked
}

interface Member {
  readonly holds: (value: unknown) => boolean;
  readonly expected: string;
}

const isText = (value: unknown): value is string => typeof value === "string";
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isScope = (value: unknown): boolean => isObject(value) && isText(value.unit) && typeof value.user === "boolean";
const isTexts = (value: unknown): boolean => isObject(value) && Object.values(value).every(isText);

const TEXT: Member = { holds: isText, expected: "a string" };
const PATH: Member = { holds: (value) => isText(value) && value.startsWith("/"), expected: "an absolute path" };
const COUNT: Member = {
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  expected: "a whole number, 0 or more",
};

const MEMBERS: Readonly<Record<keyof StoredState, Member>> = {
  version: { holds: (value) => value === 1, expected: "1, the version that this program writes" },
  phase: { holds: (value) => value === "creating" || value === "created", expected: '"creating" or "created"' },
  id: TEXT,
  ociVersion: TEXT,
  pid: COUNT,
  startTime: COUNT,
  bundle: PATH,
  rootfs: PATH,
  created: TEXT,
  owner: TEXT,
  annotations: { holds: (value) => value === undefined || isTexts(value), expected: "an object of strings" },
  noNewKeyring: { holds: (value) => value === undefined || value === true, expected: "true, or to be left out" },
  cgroup: {
    holds: (value) =>
      isObject(value) &&
      isTexts(value.v1) &&
      (value.v2 === undefined || isText(value.v2)) &&
      (value.scope === undefined || isScope(value.scope)),
    expected: 'an object with "v1", an object of strings, and maybe "v2", a string, and "scope", a unit',
  },
};

function parseObject(text: string, path: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw corrupt(path, text === "" ? "it is empty" : `it is no JSON: ${error.message}`);
    throw error;
  }
  if (isObject(value)) return value;
  throw corrupt(path, `it is ${shownValue(value)}, and must be an object`);
}

function corrupt(path: string, what: string): StateError {
  return new StateError("ERR_STATE_CORRUPT", `Cannot use the state file "${path}": ${what}`, {
    fix: "remove the container with delete --force",
  });
}
