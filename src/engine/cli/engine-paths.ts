import { absolutePath } from "../../cli/absolute-path.ts";
import { type EnginePaths, enginePaths } from "../base/paths.ts";
import type { EngineSurroundings } from "./act.ts";

/** Where this engine keeps things, from the global flags and the environment. */
export function enginePathsOf({ host, globals }: EngineSurroundings): EnginePaths {
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined || path === "" ? undefined : absolutePath(host.cwd(), path);
  return enginePaths({
    effectiveUid: host.effectiveUid(),
    env: (name) => host.env(name),
    root: absolute(globals.root),
    runRoot: absolute(globals["run-root"]),
  });
}
