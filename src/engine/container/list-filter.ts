import { EngineError } from "../base/errors.ts";
import { splitPair } from "../base/parse-size.ts";
import { HEALTH_STATUSES, type HealthStatus } from "./health/health-state.ts";
import type { ContainerRecord } from "./record.ts";
import type { LiveStatus } from "./status.ts";

export interface FilteredContainer {
  readonly record: ContainerRecord;
  readonly live: LiveStatus;
  readonly health: HealthStatus;
}

/** What filters compare with, beside the container itself. */
export interface FilterSurroundings {
  /** Every container, for before= and since=. */
  readonly all: readonly ContainerRecord[];
  /** The ids of the images that a word means, for ancestor=. */
  readonly imageIds: (word: string) => readonly string[];
}

type Condition = (value: string, one: FilteredContainer, around: FilterSurroundings) => boolean;

/** docker's conditions. Source: "Filtering" of docker-ps(1). */
const CONDITIONS: Readonly<Record<string, Condition>> = {
  id: (value, { record }) => record.id.startsWith(value),
  name: (value, { record }) => new RegExp(value.replace(/^\^?\//, "^")).test(record.name),
  label: (value, { record }) => hasLabel(record.config.Labels, value),
  status: (value, { live }) => live.status === value,
  exited: (value, { record, live }) =>
    live.status === "exited" && String(live.exit?.status ?? record.life.exitCode) === value,
  ancestor: (value, { record }, { imageIds }) =>
    record.config.Image === value || (record.imageId !== undefined && imageIds(value).includes(record.imageId)),
  volume: (value, { record }) =>
    record.mounts.some((mount) => mount.Name === value || mount.Destination === value || mount.Source === value),
  network: (value, { record }) => record.hostConfig.NetworkMode === value || record.networking.networks.includes(value),
  publish: (value, { record }) =>
    Object.keys(record.hostConfig.PortBindings).some((key) => key === value || key.split("/")[0] === value),
  expose: (value, { record }) =>
    Object.keys(record.config.ExposedPorts ?? {}).some((key) => key === value || key.split("/")[0] === value),
  before: (value, { record }, { all }) => record.created < createdOf(value, all),
  since: (value, { record }, { all }) => record.created > createdOf(value, all),
  health: (value, { health }) => health === value,
  "is-task": (value) => value === "false",
};

/** "dead" is what none here ever is. */
const STATUSES: readonly string[] = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];

function invalid(what: string): EngineError {
  return new EngineError(`invalid filter '${what}'`, { code: "ERR_USAGE", flag: "--filter" });
}

/** Whether a container meets all conditions; of several for one name, one is enough. Throws EngineError for unknown ones. */
export function matchesFilters(
  filters: readonly string[],
  around: FilterSurroundings,
): (one: FilteredContainer) => boolean {
  const byName = new Map<string, string[]>();
  for (const filter of filters) {
    const [name, value] = splitPair(filter);
    if (value === undefined)
      throw new EngineError(
        `invalid argument "${filter}" for "-f, --filter" flag: bad format of filter (expected name=value)`,
        { code: "ERR_USAGE" },
      );
    if (!Object.hasOwn(CONDITIONS, name)) throw invalid(name);
    if (name === "status" && !STATUSES.includes(value)) throw invalid(filter);
    if (name === "exited" && !/^-?[0-9]+$/.test(value)) throw invalid(filter);
    if (name === "health" && !HEALTH_STATUSES.some((status) => status === value)) throw invalid(filter);
    byName.set(name, [...(byName.get(name) ?? []), value]);
  }
  // Every label must be there; of other conditions one is enough.
  return (one) =>
    [...byName].every(([name, values]) => {
      const meets = (value: string) => CONDITIONS[name]?.(value, one, around) === true;
      return name === "label" ? values.every(meets) : values.some(meets);
    });
}

/** Whether conditions on the status are among them: then stopped containers are shown as well. */
export function asksForStopped(filters: readonly string[]): boolean {
  return filters.some((filter) => /^status=/.test(filter));
}

/** "KEY" or "KEY=VALUE". */
export function hasLabel(labels: Readonly<Record<string, string>>, text: string): boolean {
  const [name, value] = splitPair(text);
  return Object.hasOwn(labels, name) && (value === undefined || labels[name] === value);
}

function createdOf(word: string, all: readonly ContainerRecord[]): string {
  const found = all.find(({ id, name }) => name === word || id.startsWith(word));
  if (found === undefined) throw new EngineError(`No such container: ${word}`, { code: "ERR_NO_SUCH_OBJECT" });
  return found.created;
}
