import { RuntimeError } from "../base/errors.ts";
import { type Problem, shownValue } from "../base/problem.ts";
import type { Config } from "../config/types.gen.ts";
import { rootfsPath } from "../plan/parts/rootfs.ts";
import { pathType, readTextIfExists } from "../sys/files.ts";

const MAX_CONFIG_BYTES = 16 << 20;

/** The text of a bundle's config.json. Throws RuntimeError ERR_BUNDLE where there is none. Source: bundle.md. */
export function readConfigText(bundle: string): string {
  const path = `${bundle}/config.json`;
  const text = readTextIfExists(path, MAX_CONFIG_BYTES);
  if (text !== undefined) return text;
  throw new RuntimeError("ERR_BUNDLE", `Cannot read "${path}": it does not exist`, {
    flag: "--bundle",
    spec: "bundle.md",
    fix: 'create one with "mydocker-runtime spec", or name the bundle with --bundle',
  });
}

/** Why the root filesystem cannot be used, or undefined. Source: config.md#root: the directory must exist. */
export function rootfsProblem(config: Config, bundle: string): Problem | undefined {
  const given = config.root?.path ?? "";
  const path = rootfsPath(given, bundle);
  const type = pathType(path);
  if (type === "symlink" || type === "directory") return undefined;
  return {
    code: "ROOT_MISSING",
    severity: "error",
    pointer: "/root/path",
    value: shownValue(given),
    message: type === undefined ? `names "${path}", which does not exist` : `names "${path}", which is a ${type}`,
    spec: "config.md#root",
    fix: "put the container's root filesystem there, or correct the path",
  };
}
