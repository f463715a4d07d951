import { pathType, realPath } from "../../sys/files.ts";
import { usage } from "./request/usage.ts";

const DATABASE = "/usr/share/zoneinfo";

/**
 * The file of the host's time zone database for a name, which becomes a container's /etc/localtime; "local" is the host's own.
 * Throws EngineError where there is none. Source: tzfile(5), podman-run(1) "--tz".
 */
export function timezoneFile(name: string): string {
  const path = name === "local" ? "/etc/localtime" : `${DATABASE}/${name}`;
  const file = pathType(path) === undefined ? undefined : realPath(path);
  if (file !== undefined && pathType(file) === "file") return file;
  throw usage(`finding timezone ${name}: there is no file ${path}`, "--tz");
}
