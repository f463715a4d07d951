import { installedFile } from "../../sys/installed-file.ts";
import type { EngineContext } from "../container/engine-context.ts";
import type { EngineSurroundings } from "./act.ts";
import { enginePathsOf } from "./engine-paths.ts";

/** What the operations on containers go by, from the global flags and the environment. */
export function engineContext(at: EngineSurroundings): EngineContext {
  const paths = enginePathsOf(at);
  return {
    paths,
    warn: at.warn,
    cwd: at.host.cwd(),
    selfArgv: [installedFile("mydocker"), "--root", paths.root, "--run-root", paths.run],
  };
}
