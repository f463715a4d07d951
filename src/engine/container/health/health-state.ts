import { readTextIfExists } from "../../../sys/files.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { type ContainerRecord, NEVER } from "../record.ts";
import type { LiveStatus } from "../status.ts";
import { runDirectory } from "../store.ts";
import { checkCommand, checkTimes } from "./check-command.ts";

/** docker's words. "none": nothing is checked. */
export const HEALTH_STATUSES = ["none", "starting", "healthy", "unhealthy"] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** One check that was made, with docker's members. */
export interface HealthResult {
  /** RFC 3339 with nanoseconds. */
  readonly Start: string;
  readonly End: string;
  /** -1 where it could not be executed, or was killed at its timeout. */
  readonly ExitCode: number;
  readonly Output: string;
}

/** The member State.Health of `inspect`. */
export interface HealthState {
  readonly Status: HealthStatus;
  readonly FailingStreak: number;
  /** The last five, the oldest first. */
  readonly Log: readonly HealthResult[];
}

type Asked = Pick<ContainerRecord, "id" | "config" | "life">;

/** What a container's monitor has found. Source: native/monitor_health.c. */
export function healthStatus(paths: EnginePaths, record: Asked, live: LiveStatus): HealthStatus {
  return isChecked(record) ? readSummary(paths, record, live).status : "none";
}

/** As healthStatus, with the checks; undefined where nothing is checked, or was yet. */
export function healthState(paths: EnginePaths, record: Asked, live: LiveStatus): HealthState | undefined {
  if (!isChecked(record)) return undefined;
  const { status, streak, count } = readSummary(paths, record, live);
  const checks = Array.from({ length: Math.min(KEPT_CHECKS, count) }, (_, slot) =>
    readCheck(paths, record, slot),
  ).flat();
  return {
    Status: status,
    FailingStreak: streak,
    // One may have taken the place of the oldest since the count was read.
    Log: checks.sort((a, b) => (a.Start < b.Start ? -1 : 1)),
  };
}

/** Of the monitor's files. */
const KEPT_CHECKS = 5;

function isChecked({ config, life }: Asked): boolean {
  return checkCommand(config) !== undefined && life.startedAt !== NEVER;
}

/** As docker has it, what does not run is not healthy. */
function readSummary(paths: EnginePaths, { id }: Asked, live: LiveStatus) {
  const text = readTextIfExists(`${runDirectory(paths, id)}/health`) ?? "";
  const [, word, streak, count] = /^(healthy|unhealthy|starting) ([0-9]+) ([0-9]+)\n$/.exec(text) ?? [];
  const status: HealthStatus = word === "healthy" || word === "unhealthy" ? word : "starting";
  const isRunning = live.status === "running" || live.status === "paused";
  return { status: isRunning ? status : "unhealthy", streak: Number(streak ?? 0), count: Number(count ?? 0) } as const;
}

function readCheck(paths: EnginePaths, { id, config }: Asked, slot: number): readonly HealthResult[] {
  const text = readTextIfExists(`${runDirectory(paths, id)}/health.${slot}`) ?? "";
  const match = /^(\S+) (\S+) (failed|timeout|[0-9]+)\n/.exec(text);
  if (match === null) return [];
  const [line, Start = "", End = "", result] = match;
  const output = text.slice(line.length);
  if (result !== "timeout")
    return [{ Start, End, ExitCode: result === "failed" ? -1 : Number(result), Output: output }];
  const limit = `Health check exceeded timeout (${goDuration(checkTimes(config).timeoutMs)})`;
  return [{ Start, End, ExitCode: -1, Output: output === "" ? limit : `${limit}: ${output}` }];
}

/** As Go prints a duration: "1m30s", "500ms". */
function goDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor(milliseconds / 60_000) % 60;
  const seconds = `${(milliseconds % 60_000) / 1000}s`;
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}`;
}
