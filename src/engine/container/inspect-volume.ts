import type { EnginePaths } from "../base/paths.ts";
import { nothingForNone } from "./shown-config.ts";
import { type Volume, volumeData } from "./volumes.ts";

/** All that is known of a volume, with docker's members. */
export function inspectVolume(paths: EnginePaths, { Name, CreatedAt, Driver, Labels, Options }: Volume): object {
  return {
    CreatedAt,
    Driver,
    Labels: nothingForNone(Labels),
    Mountpoint: volumeData(paths, Name),
    Name,
    Options: nothingForNone(Options),
    Scope: "local",
  };
}
