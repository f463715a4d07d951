import { SystemError } from "../base/errors.ts";
import { type JsonPointer, pointerTo } from "../base/json-pointer.ts";
import type { Problem } from "../base/problem.ts";
import type { SpecRef } from "../base/spec-ref.ts";
import type { Config, Hooks } from "../config/types.gen.ts";
import { parseMountOptions } from "../linux/mount-options.ts";
import { pathType } from "../sys/files.ts";
import { rootfsProblem } from "./bundle.ts";
import { commandProblem } from "./validate-command.ts";

/** What a config names and this host does not have: files, directories, the command and network devices. Throws nothing. */
export function pathProblems(config: Config, bundle: string): readonly Problem[] {
  const root = rootfsProblem(config, bundle);
  const named = [...hookPaths(config), ...bindSources(config, bundle), ...namespacePaths(config), ...devices(config)];
  const missing = named.filter(({ path }) => isMissing(path));
  const problems = missing.map(problemOf);
  if (root !== undefined) return [root, ...problems];
  const command = commandProblem(config, bundle);
  return command === undefined ? problems : [command, ...problems];
}

interface NamedPath {
  readonly pointer: JsonPointer;
  /** As the config has it. */
  readonly value: string;
  readonly path: string;
  readonly what: string;
  readonly spec: SpecRef;
}

/** Those whose path is the runtime's; startContainer hooks are looked up in the container. */
const RUNTIME_HOOKS = [
  "prestart",
  "createRuntime",
  "createContainer",
  "poststart",
  "poststop",
] as const satisfies readonly (keyof Hooks)[];

function hookPaths({ hooks = {} }: Config): readonly NamedPath[] {
  return RUNTIME_HOOKS.flatMap((kind) =>
    (hooks[kind] ?? []).map(({ path }, index) => ({
      pointer: pointerTo("/hooks", kind, index, "path"),
      value: path,
      path,
      what: "a program",
      spec: "config.md#posix-platform-hooks",
    })),
  );
}

function bindSources({ mounts = [] }: Config, bundle: string): readonly NamedPath[] {
  return mounts.flatMap(({ type, source = "", options = [] }, index) => {
    if (type !== "bind" && parseMountOptions(options).bind === false) return [];
    const path = source.startsWith("/") ? source : `${bundle}/${source}`;
    const pointer = pointerTo("/mounts", index, "source");
    return [{ pointer, value: source, path, what: "a file or directory", spec: "config.md#mounts" }];
  });
}

function namespacePaths({ linux }: Config): readonly NamedPath[] {
  return (linux?.namespaces ?? []).flatMap(({ path = "" }, index) => {
    const pointer = pointerTo("/linux/namespaces", index, "path");
    return path === "" ? [] : [{ pointer, value: path, path, what: "a namespace", spec: "config-linux.md#namespaces" }];
  });
}

function devices({ linux }: Config): readonly NamedPath[] {
  return Object.keys(linux?.netDevices ?? {}).map((name) => ({
    pointer: pointerTo("/linux/netDevices", name),
    value: name,
    path: `/sys/class/net/${name}`,
    what: "a network device",
    spec: "config-linux.md#network-devices",
  }));
}

/** What the caller may not look at may be there. */
function isMissing(path: string): boolean {
  try {
    return pathType(path) === undefined;
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}

function problemOf({ pointer, value, what, spec }: NamedPath): Problem {
  const message = `names ${what} that is not there`;
  return { code: "HOST_PATH_MISSING", severity: "error", pointer, value: JSON.stringify(value), message, spec };
}
