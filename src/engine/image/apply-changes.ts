import { parseDuration } from "../../base/parse-duration.ts";
import { EngineError } from "../base/errors.ts";
import type { ImageHealthcheck, ImageRunConfig } from "./image.ts";

/**
 * Applies `--change` instructions of a Dockerfile to how an image's containers run: CMD ENTRYPOINT ENV EXPOSE LABEL ONBUILD
 * STOPSIGNAL USER VOLUME WORKDIR SHELL HEALTHCHECK. Throws EngineError for any other. Source: docker commit, "--change".
 */
export function applyChanges(config: ImageRunConfig, changes: readonly string[]): ImageRunConfig {
  return changes.reduce(applyChange, config);
}

type Apply = (config: ImageRunConfig, text: string) => ImageRunConfig;

const INSTRUCTIONS: Readonly<Record<string, Apply>> = {
  CMD: (config, text) => ({ ...config, Cmd: command(text, config) }),
  ENTRYPOINT: (config, text) => ({ ...config, Entrypoint: command(text, config) }),
  ENV: (config, text) => ({ ...config, Env: Object.entries(pairs(text, "ENV")).reduce(setVariable, config.Env ?? []) }),
  EXPOSE: (config, text) => ({ ...config, ExposedPorts: { ...config.ExposedPorts, ...keys(words(text).map(port)) } }),
  LABEL: (config, text) => ({ ...config, Labels: { ...config.Labels, ...pairs(text, "LABEL") } }),
  ONBUILD: (config, text) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), text] }),
  STOPSIGNAL: (config, text) => ({ ...config, StopSignal: text }),
  USER: (config, text) => ({ ...config, User: text }),
  VOLUME: (config, text) => ({ ...config, Volumes: { ...config.Volumes, ...keys(jsonList(text) ?? words(text)) } }),
  WORKDIR: (config, text) => ({ ...config, WorkingDir: workingDirectory(config.WorkingDir ?? "/", text) }),
  SHELL: (config, text) => ({ ...config, Shell: required(jsonList(text), "SHELL takes a JSON list") }),
  HEALTHCHECK: (config, text) => ({ ...config, Healthcheck: healthcheck(text) }),
};

function applyChange(config: ImageRunConfig, change: string): ImageRunConfig {
  const [, word = "", text = ""] = /^\s*(\S+)\s*([\s\S]*?)\s*$/.exec(change) ?? [];
  const apply = INSTRUCTIONS[word.toUpperCase()];
  if (apply === undefined) throw refused(`${word} is not a valid change command`);
  if (text === "") throw refused(`${word.toUpperCase()} requires at least one argument`);
  return apply(config, text);
}

/** A JSON list is a command; other text is for the shell. */
function command(text: string, { Shell = ["/bin/sh", "-c"] }: ImageRunConfig): readonly string[] {
  return jsonList(text) ?? [...Shell, text];
}

function jsonList(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((item) => typeof item === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

/** "NONE", or "[--interval=30s ...] CMD COMMAND". Source: HEALTHCHECK of the Dockerfile reference. */
function healthcheck(text: string): ImageHealthcheck {
  const [, flags = "", kind = "", rest = ""] = /^((?:--\S+\s+)*)(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  const options = Object.assign({}, ...flags.split(/\s+/).filter(Boolean).map(healthOption));
  switch (kind.toUpperCase()) {
    case "NONE":
      if (rest !== "") throw refused("HEALTHCHECK NONE takes no arguments");
      return { Test: ["NONE"] };
    case "CMD": {
      const list = jsonList(rest);
      if (rest === "" || list?.length === 0) throw refused("Missing command after HEALTHCHECK CMD");
      return { Test: list === undefined ? ["CMD-SHELL", rest] : ["CMD", ...list], ...options };
    }
    default:
      throw refused(`Unknown type "${kind.toUpperCase()}" in HEALTHCHECK (try CMD)`);
  }
}

const HEALTH_TIMES: Readonly<Record<string, keyof ImageHealthcheck>> = {
  interval: "Interval",
  timeout: "Timeout",
  "start-period": "StartPeriod",
  "start-interval": "StartInterval",
};

function healthOption(flag: string): ImageHealthcheck {
  const [, name = "", value = ""] = /^--([^=]*)=?(.*)$/.exec(flag) ?? [];
  if (name === "retries") {
    if (!/^[0-9]{1,9}$/.test(value)) throw refused(`HEALTHCHECK cannot take --retries=${value}: it must be a number`);
    return value === "0" ? {} : { Retries: Number(value) };
  }
  const member = HEALTH_TIMES[name];
  if (member === undefined) throw refused(`Unknown flag: ${name}`);
  const milliseconds = parseDuration(value);
  if (milliseconds === undefined || (milliseconds > 0 && milliseconds < 1))
    throw refused(`HEALTHCHECK cannot take --${name}=${value}: it must be a duration of at least 1ms, such as 30s`);
  return milliseconds === 0 ? {} : { [member]: Math.round(milliseconds * 1e6) };
}

/** "A=1 B='2 3'", or the old form "A the rest of the line". */
function pairs(text: string, instruction: string): Readonly<Record<string, string>> {
  const list = words(text);
  if (list.every((word) => word.includes("="))) {
    return Object.fromEntries(
      list.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
    );
  }
  const [name = "", ...rest] = text.split(/\s+/);
  if (name.includes("=") || rest.length === 0) throw refused(`${instruction} must have two arguments`);
  return { [name]: text.slice(name.length).trim() };
}

/** Words as a Dockerfile has them: quotes and backslashes keep spaces. */
function words(text: string): readonly string[] {
  const found = text.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return found.map((word) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_all, double?: string, single?: string, escaped?: string) =>
      double === undefined ? (single ?? escaped ?? "") : double.replace(/\\(["\\$])/g, "$1"),
    ),
  );
}

function setVariable(env: readonly string[], [name, value]: readonly [string, string]): readonly string[] {
  const variable = `${name}=${value}`;
  const isKnown = env.some((other) => other.startsWith(`${name}=`));
  return isKnown ? env.map((other) => (other.startsWith(`${name}=`) ? variable : other)) : [...env, variable];
}

function port(text: string): string {
  const match = /^([0-9]+(?:-[0-9]+)?)(?:\/(tcp|udp|sctp))?$/i.exec(text);
  if (match === null) throw refused(`EXPOSE cannot take "${text}": it must be a port, such as 80 or 53/udp`);
  return `${match[1]}/${(match[2] ?? "tcp").toLowerCase()}`;
}

function keys(names: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function workingDirectory(before: string, text: string): string {
  const parts = (text.startsWith("/") ? text : `${before}/${text}`).split("/");
  const path: string[] = [];
  for (const part of parts) {
    if (part === "..") path.pop();
    else if (part !== "" && part !== ".") path.push(part);
  }
  return `/${path.join("/")}`;
}

function required<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw refused(message);
  return value;
}

function refused(message: string): EngineError {
  return new EngineError(`Cannot apply the change: ${message}`, { code: "ERR_USAGE", flag: "--change" });
}
