import type { EnginePaths } from "../../base/paths.ts";
import type { ContainerRecord } from "../record.ts";
import { runtimeProgram } from "../runtime-driver.ts";
import { runDirectory } from "../store.ts";
import { checkCommand, checkTimes } from "./check-command.ts";

export interface HealthWords {
  readonly vectors: Readonly<Record<"health" | "health-change", readonly string[]>>;
  readonly numbers: readonly string[];
}

/** What a monitor is told of a container's checks; undefined where there are none. Source: native/monitor_health.c. */
export function healthWords(
  paths: EnginePaths,
  record: ContainerRecord,
  selfArgv: readonly string[],
): HealthWords | undefined {
  const command = checkCommand(record.config);
  if (command === undefined) return undefined;
  const times = checkTimes(record.config);
  const { path, root } = runtimeProgram(paths, record.hostConfig.Runtime);
  const pidFile = `${runDirectory(paths, record.id)}/health.pid`;
  return {
    vectors: {
      health: [path, "--root", root, "exec", "--detach", "--pid-file", pidFile, record.id, ...command],
      "health-change": [...selfArgv, "container-health", record.id],
    },
    numbers: [
      `health-interval=${times.intervalMs}`,
      `health-timeout=${times.timeoutMs}`,
      `health-start-period=${times.startPeriodMs}`,
      `health-start-interval=${times.startIntervalMs}`,
      `health-retries=${times.retries}`,
    ],
  };
}
