import { parseInteger, parseSize } from "../base/parse-size.ts";
import type { EnginePaths } from "../base/paths.ts";
import type { ContainerRecord } from "./record.ts";
import { usage } from "./request/usage.ts";
import type { RotatedFiles } from "./rotated-reader.ts";
import { containerDirectory } from "./store.ts";

export interface LogFiles extends RotatedFiles {
  /** 0: without a limit. */
  readonly maxBytes: number;
}

const DEFAULT_BYTES = "10m";
const DEFAULT_FILES = "3";

/** Where a container's output is kept; undefined where it is not. Throws EngineError for sizes that are none. */
export function logFiles(paths: EnginePaths, { id, hostConfig }: ContainerRecord): LogFiles | undefined {
  const { Type, Config } = hostConfig.LogConfig;
  if (Type === "none") return undefined;
  const size = Config["max-size"] ?? DEFAULT_BYTES;
  const maxFiles = parseInteger(Config["max-file"] ?? DEFAULT_FILES, "--log-opt max-file");
  if (maxFiles < 1) throw usage("max-file cannot be less than 1", "--log-opt");
  return {
    path: `${containerDirectory(paths, id)}/${id}-json.log`,
    maxBytes: size === "-1" ? 0 : parseSize(size, "--log-opt max-size"),
    maxFiles,
  };
}
