import { EngineError } from "../base/errors.ts";
import type { OciImageConfig } from "./image.ts";
import type { ListedImage } from "./list-images.ts";

type Matches = (image: ListedImage) => boolean;

/** What --filter leaves of a list; conditions with the same key are alternatives for "reference", else all must hold. */
export function imageFilter(filters: readonly string[], images: readonly ListedImage[]): Matches {
  const conditions = filters.map(splitFilter);
  const references = conditions.filter(({ key }) => key === "reference");
  const others = conditions.filter(({ key }) => key !== "reference").map((filter) => condition(filter, images));
  return (image) =>
    others.every((matches) => matches(image)) &&
    (references.length === 0 || references.some(({ value }) => matchesReference(image, value)));
}

/** What --filter of a prune leaves: "until" and "label". */
export function pruneFilter(filters: readonly string[]): (config: OciImageConfig) => boolean {
  const conditions = filters.map(splitFilter).map(({ key, value }) => {
    if (key === "until") return (config: OciImageConfig) => isBefore(config.created, untilTime(value));
    if (key === "label") return (config: OciImageConfig) => hasLabel(config, value);
    if (key === "label!") return (config: OciImageConfig) => !hasLabel(config, value);
    throw unknownFilter(key);
  });
  return (config) => conditions.every((matches) => matches(config));
}

interface Filter {
  readonly key: string;
  readonly value: string;
}

function splitFilter(text: string): Filter {
  const equals = text.indexOf("=");
  if (equals === -1)
    throw new EngineError("invalid filter: it must be KEY=VALUE", { code: "ERR_USAGE", flag: "--filter" });
  return { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

function condition({ key, value }: Filter, images: readonly ListedImage[]): Matches {
  switch (key) {
    case "dangling":
      if (!/^(true|false|1|0)$/.test(value)) throw unknownFilter(`dangling=${value}`);
      return ({ repository }) => (repository === undefined) === (value === "true" || value === "1");
    case "label":
      return ({ config }) => hasLabel(config, value);
    case "before":
      return ({ config }) => (config.created ?? "") < createdOf(images, value);
    case "since":
      return ({ config }) => (config.created ?? "") > createdOf(images, value);
    case "until":
      return ({ config }) => isBefore(config.created, untilTime(value));
    default:
      throw unknownFilter(key);
  }
}

function unknownFilter(key: string): EngineError {
  return new EngineError(`invalid filter '${key}'`, { code: "ERR_USAGE", flag: "--filter" });
}

function hasLabel({ config }: OciImageConfig, wanted: string): boolean {
  const [key = "", ...value] = wanted.split("=");
  const label = config?.Labels?.[key];
  return value.length === 0 ? label !== undefined : label === value.join("=");
}

function createdOf(images: readonly ListedImage[], word: string): string {
  const found = images.find(
    ({ id, repository, tag }) =>
      `${repository}:${tag}` === word ||
      (tag === "latest" && repository === word) ||
      id.replace("sha256:", "").startsWith(word),
  );
  if (found === undefined) throw new EngineError(`No such image: ${word}`, { code: "ERR_NO_SUCH_OBJECT" });
  return found.config.created ?? "";
}

/** A pattern for the repository, or for the repository and the tag. */
function matchesReference({ repository, tag }: ListedImage, pattern: string): boolean {
  if (repository === undefined) return false;
  const glob = new RegExp(
    `^${pattern
      .replace(/[.+^${}()|\\]/g, "\\$&")
      .replaceAll("*", "[^/]*")
      .replaceAll("?", "[^/]")}$`,
  );
  return glob.test(repository) || glob.test(`${repository}:${tag}`);
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** A time, or a span before now such as "10m" or "1h30m", in milliseconds since 1970. */
function untilTime(text: string): number {
  if (/^(?:[0-9]+[smh])+$/.test(text)) {
    const spans = text.match(/[0-9]+[smh]/g) ?? [];
    return Date.now() - spans.reduce((sum, span) => sum + Number.parseInt(span, 10) * (UNITS[span.slice(-1)] ?? 0), 0);
  }
  const time = /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new EngineError(`invalid filter 'until=${text}': it is no time`, { code: "ERR_USAGE", flag: "--filter" });
}

function isBefore(created: string | undefined, time: number): boolean {
  const at = Date.parse(created ?? "1970-01-01T00:00:00Z");
  return Number.isNaN(at) || at < time;
}
