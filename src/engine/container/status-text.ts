import { humanDuration } from "../base/human-time.ts";
import type { HealthStatus } from "./health/health-state.ts";
import type { ContainerRecord } from "./record.ts";
import type { LiveStatus } from "./status.ts";

const HEALTH_WORDS: Readonly<Record<HealthStatus, string>> = {
  none: "",
  starting: " (health: starting)",
  healthy: " (healthy)",
  unhealthy: " (unhealthy)",
};

/** The column STATUS of `ps`: "Up 5 minutes", "Exited (137) 2 hours ago". */
export function statusText(
  { life }: Pick<ContainerRecord, "life">,
  { status, exit }: LiveStatus,
  health: HealthStatus,
  nowMs: number,
): string {
  const since = (time: string) => humanDuration(Math.max(0, nowMs - Date.parse(time)));
  switch (status) {
    case "running":
      return `Up ${since(life.startedAt)}${HEALTH_WORDS[health]}`;
    case "paused":
      return `Up ${since(life.startedAt)} (Paused)`;
    case "restarting":
      return `Restarting (${life.exitCode}) ${since(life.finishedAt)} ago`;
    case "exited":
      return `Exited (${exit?.status ?? life.exitCode}) ${since(exit?.at ?? life.finishedAt)} ago`;
    case "removing":
      return "Removal In Progress";
    case "created":
      return "Created";
  }
}
