import { EngineError } from "../base/errors.ts";
import { renderTemplate } from "../base/format-template.ts";
import { splitPair } from "../base/parse-size.ts";
import { commandOf } from "./command-of.ts";
import type { ContainerConfig } from "./container-config.ts";
import type { ContainerRecord } from "./record.ts";
import { usage } from "./request/usage.ts";

export interface LoggedContainer extends Pick<ContainerRecord, "id" | "name" | "imageId"> {
  readonly config: Pick<ContainerConfig, "Labels" | "Env" | "Image" | "Entrypoint" | "Cmd">;
}

/**
 * What `logs --details` shows before each line: the labels, variables and tag that --log-opt names, "" for none. Pure.
 * Throws EngineError for a tag that is no template. Source: docker's json-file log driver, "labels", "labels-regex", "env",
 * "env-regex" and "tag".
 */
export function logDetails(container: LoggedContainer, Config: Readonly<Record<string, string>>): string {
  const { Labels, Env } = container.config;
  const variables = Object.fromEntries(Env.map((entry) => splitPair(entry)).map(([name, value = ""]) => [name, value]));
  const chosen = {
    ...named(Labels, Config.labels, Config["labels-regex"]),
    ...named(variables, Config.env, Config["env-regex"]),
    ...(Config.tag ? { tag: tagOf(Config.tag, container) } : {}),
  };
  return Object.entries(chosen)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.map(encodeURIComponent).join("="))
    .join(",");
}

function tagOf(template: string, container: LoggedContainer): string {
  try {
    return renderTemplate(template, tagWords(container));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw usage(`invalid value for log opt 'tag': ${error.message}`, "--log-opt");
  }
}

/** What docker lets a tag name. Source: docker's manual, "Customize log driver output". */
function tagWords({ id, name, imageId, config }: LoggedContainer): Readonly<Record<string, string>> {
  return {
    ID: id.slice(0, 12),
    FullID: id,
    Name: name,
    ImageID: imageId?.replace(/^sha256:/, "").slice(0, 12) ?? "",
    ImageFullID: imageId ?? "",
    ImageName: config.Image,
    Command: commandOf(config).join(" "),
    DaemonName: "mydocker",
  };
}

function named(
  values: Readonly<Record<string, string>>,
  names: string | undefined,
  pattern: string | undefined,
): Readonly<Record<string, string>> {
  const listed = names === undefined ? [] : names.split(",");
  const expression = pattern === undefined ? undefined : new RegExp(pattern);
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => listed.includes(name) || expression?.test(name) === true),
  );
}
