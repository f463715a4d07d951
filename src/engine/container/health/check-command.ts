import type { ContainerConfig } from "../container-config.ts";

type Checked = Pick<ContainerConfig, "Healthcheck" | "Shell">;

/** What is executed in the container to check it; undefined where nothing is. */
export function checkCommand({ Healthcheck, Shell = ["/bin/sh", "-c"] }: Checked): readonly string[] | undefined {
  const [kind, ...words] = Healthcheck?.Test ?? [];
  if (words.length === 0) return undefined;
  if (kind === "CMD") return words;
  return kind === "CMD-SHELL" ? [...Shell, ...words] : undefined;
}

/** When checks are made, in milliseconds. */
export interface CheckTimes {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  /** How many have to fail in a row. */
  readonly retries: number;
}

/** docker's defaults where nothing, or 0, was asked for. */
export function checkTimes({ Healthcheck = {} }: Checked): CheckTimes {
  const milliseconds = (nanoseconds: number | undefined, usual: number) =>
    nanoseconds === undefined || nanoseconds === 0 ? usual : Math.max(1, Math.round(nanoseconds / 1e6));
  return {
    intervalMs: milliseconds(Healthcheck.Interval, 30_000),
    timeoutMs: milliseconds(Healthcheck.Timeout, 30_000),
    startPeriodMs: milliseconds(Healthcheck.StartPeriod, 0),
    startIntervalMs: milliseconds(Healthcheck.StartInterval, 5000),
    retries: Healthcheck.Retries === undefined || Healthcheck.Retries <= 0 ? 3 : Healthcheck.Retries,
  };
}
