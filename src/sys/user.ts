import { readTextIfExists } from "./files.ts";

/** The login name of a user id, or the number where it has none. Source: passwd(5). */
export function userName(uid: number): string {
  const line = (readTextIfExists("/etc/passwd") ?? "").split("\n").find((entry) => entry.split(":")[2] === String(uid));
  return line?.slice(0, line.indexOf(":")) ?? String(uid);
}
