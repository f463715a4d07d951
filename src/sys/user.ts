import { readTextIfExists } from "./files.ts";

/** The login name of a user id, or the number where it has none. Throws SystemError. Source: passwd(5). */
export function userName(uid: number): string {
  return userNameIn(readTextIfExists("/etc/passwd") ?? "", uid);
}

/** As userName, in the text of a passwd file. */
export function userNameIn(passwd: string, uid: number): string {
  for (const line of passwd.split("\n")) {
    const [name, , id] = line.split(":");
    if (id === String(uid) && name) return name;
  }
  return String(uid);
}
