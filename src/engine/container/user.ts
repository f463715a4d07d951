import { EngineError } from "../base/errors.ts";
import type { ResolvedUser } from "../config-builder/bundle-input.ts";

/** The texts of a container's own /etc/passwd and /etc/group; "" where they are missing. */
export interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
}

/**
 * The numbers behind "USER[:GROUP]" and further groups, by the container's own files. A number that no line has is taken as
 * it is; a name must be there. Pure. Throws EngineError in docker's words. Source: passwd(5), group(5).
 */
export function resolveUser(spec: string, groups: readonly string[], files: AccountFiles): ResolvedUser {
  const [userWord = "", groupWord] = spec.split(":");
  const users = lines(files.passwd, 7);
  const word = userWord === "" ? "0" : userWord;
  const line = users.find(([name]) => name === word) ?? users.find(([, , uid]) => uid === word);
  const uid = line === undefined ? numberOf(word) : numberOf(line[2] ?? "");
  if (uid === undefined)
    throw new EngineError(`unable to find user ${userWord}: no matching entries in passwd file`, { code: "ERR_USAGE" });
  const gid =
    groupWord === undefined || groupWord === "" ? (numberOf(line?.[3] ?? "") ?? 0) : groupNumber(groupWord, files);
  return { uid, gid, additionalGids: furtherGroups(line?.[0], groupWord, groups, files, gid), home: line?.[5] || "/" };
}

function furtherGroups(
  name: string | undefined,
  groupWord: string | undefined,
  groups: readonly string[],
  files: AccountFiles,
  gid: number,
): readonly number[] {
  // A group that was named stands for all.
  const own =
    groupWord !== undefined && groupWord !== ""
      ? []
      : lines(files.group, 4).filter(([, , , members = ""]) => name !== undefined && members.split(",").includes(name));
  const numbers = [
    ...own.flatMap(([, , number = ""]) => numberOf(number) ?? []),
    ...groups.map((group) => groupNumber(group, files)),
  ];
  // With its own among them: a program that drops that one by setgid(2) must not get past what denies it. CVE-2022-36109.
  return [...new Set([gid, ...numbers])];
}

function groupNumber(word: string, { group }: AccountFiles): number {
  const line = lines(group, 4).find(([name]) => name === word);
  const gid = numberOf(line?.[2] ?? word);
  if (gid === undefined)
    throw new EngineError(`unable to find group ${word}: no matching entries in group file`, { code: "ERR_USAGE" });
  return gid;
}

function lines(text: string, fields: number): readonly (readonly string[])[] {
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .filter((line) => line.length >= fields - 1);
}

const MAX_ID = 2 ** 32 - 2;

function numberOf(text: string): number | undefined {
  return /^[0-9]{1,10}$/.test(text) && Number(text) <= MAX_ID ? Number(text) : undefined;
}
