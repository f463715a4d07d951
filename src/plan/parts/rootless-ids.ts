import { type JsonPointer, pointerTo } from "../../base/json-pointer.ts";
import { type Problem, shownValue } from "../../base/problem.ts";
import type { HostFacts, IdRange, RootlessFacts, SubordinateIds } from "../host-facts.ts";
import type { IdMapping, Linux } from "../plan-input.ts";

/** The two kinds of ids: where the config maps them, and how they are given to users. */
const KINDS = {
  uid: { list: "uidMappings", program: "newuidmap", file: "/etc/subuid", word: "user" },
  gid: { list: "gidMappings", program: "newgidmap", file: "/etc/subgid", word: "group" },
} as const;

type Kind = keyof typeof KINDS;

const SPEC = "config-linux.md#user-namespace-mappings";

/**
 * The mappings of a new user namespace that the caller may not make, with the line that would allow it. Source:
 * user_namespaces(7), "Defining user and group ID mappings"; newuidmap(1), newgidmap(1).
 */
export function idProblems({ uidMappings = [], gidMappings = [] }: Linux, host: HostFacts): readonly Problem[] {
  const kinds = [
    ["uid", uidMappings],
    ["gid", gidMappings],
  ] as const;
  if (host.isPrivileged) return kinds.flatMap(([kind, mappings]) => problemsInside(kind, mappings, host));
  if (host.rootless === undefined || mapsOwnIds({ uidMappings, gidMappings }, host)) return [];
  const { rootless } = host;
  return kinds.flatMap(([kind, mappings]) => problemsOfUser(kind, mappings, host, rootless));
}

/** The kernel lets an unprivileged process map its own ids, and nothing else, without a helper. */
export function mapsOwnIds({ uidMappings = [], gidMappings = [] }: Linux, host: HostFacts): boolean {
  return isOnly(uidMappings, host.uid) && isOnly(gidMappings, host.gid);
}

function isOnly(mappings: readonly IdMapping[], id: number): boolean {
  return mappings.length === 1 && mappings.every((mapping) => isOwn(mapping, id));
}

function isOwn({ hostID, size }: IdMapping, id: number): boolean {
  return size === 1 && hostID === id;
}

/** Whether newgidmap leaves setgroups allowed: where /etc/subgid gives any of the ids. Source: newgidmap(1). */
export function mapsSubordinateGroups({ gidMappings = [] }: Linux, { gid }: HostFacts): boolean {
  return gidMappings.some((mapping) => !isOwn(mapping, gid));
}

/** Root of a user namespace maps what exists in it: the kernel takes each mapping out of one line of its own map. */
function problemsInside(kind: Kind, mappings: readonly IdMapping[], { outer }: HostFacts): readonly Problem[] {
  if (outer === undefined) return [];
  const own = kind === "uid" ? outer.uids : outer.gids;
  return mappings.flatMap((mapping, index) => {
    if (own.some((range) => contains(range, rangeOf(mapping)))) return [];
    const { list, word } = KINDS[kind];
    const message = `maps the ${word} ids ${shown(rangeOf(mapping))}, and the caller's own user namespace has ${shownAll(own)}`;
    return [problem(pointerTo("/linux", list, index), "ID_MAP_OUTER", mapping, message, 'take "hostID" from those')];
  });
}

function problemsOfUser(
  kind: Kind,
  mappings: readonly IdMapping[],
  host: HostFacts,
  rootless: RootlessFacts,
): readonly Problem[] {
  const { list, program } = KINDS[kind];
  const ownId = host[kind];
  if (rootless[kind].program === undefined) {
    const message = `needs the program ${program}, which is not in $PATH: without it a user maps but its own ids`;
    const own = `[{"containerID": 0, "hostID": ${ownId}, "size": 1}]`;
    const fix = `${INSTALL_HELPERS}, or write ${own} and likewise in the other list`;
    return [problem(pointerTo("/linux", list), "ID_MAP_HELPER", mappings, message, fix)];
  }
  const given = givenTo([rootless.user, String(host.uid)], rootless[kind]);
  return mappings.flatMap((mapping, index) =>
    isOwn(mapping, ownId) || isCovered(rangeOf(mapping), given.own)
      ? []
      : [rangeProblem(kind, pointerTo("/linux", list, index), mapping, { ...given, user: rootless.user })],
  );
}

/** Which ids beside its own a user can map, and what is missing for more. */
export interface SubordinateReport {
  readonly program: string;
  readonly isInstalled: boolean;
  /** Infinite where a directory service gives them out: then only newuidmap can tell. */
  readonly count: number;
  /** The line that gives the user the usual number of ids, which nobody else has. */
  readonly fix: string;
}

/** What a user has of one kind of ids. Pure. */
export function subordinateReport(kind: Kind, uid: number, rootless: RootlessFacts): SubordinateReport {
  const { program, file } = KINDS[kind];
  const isInstalled = rootless[kind].program !== undefined;
  const { own, all } = givenTo([rootless.user, String(uid)], rootless[kind]);
  const count = own.reduce((sum, range) => sum + range.count, 0);
  const first = firstFree(all);
  const fix = isInstalled ? lineFix(file, rootless.user, { first, count: USUAL_COUNT }) : INSTALL_HELPERS;
  return { program, isInstalled, count, fix };
}

const INSTALL_HELPERS = "install it (Debian: apt-get install uidmap)";

/** The first id behind all that are given to anybody. */
function firstFree(all: readonly IdRange[]): number {
  return Math.max(FIRST_SUBORDINATE_ID, ...all.map(endOf));
}

function lineFix(file: string, user: string, { first, count }: IdRange): string {
  return `add the line "${user}:${first}:${count}" to ${file}`;
}

interface Given {
  readonly own: readonly IdRange[];
  readonly all: readonly IdRange[];
}

/** A line names its user or has the user's number. Where a directory service gives the ids, newuidmap has to tell. */
function givenTo(names: readonly string[], { ranges }: SubordinateIds): Given {
  if (ranges === undefined) return { own: [{ first: 0, count: Number.POSITIVE_INFINITY }], all: [] };
  return { own: ranges.filter(({ owner }) => names.includes(owner)), all: ranges };
}

function rangeProblem(
  kind: Kind,
  pointer: JsonPointer,
  mapping: IdMapping,
  given: Given & { readonly user: string },
): Problem {
  const wanted = rangeOf(mapping);
  const { word, file } = KINDS[kind];
  const has = given.own.length === 0 ? "" : `, but ${shownAll(given.own)}`;
  const message = `maps the host's ${word} ids ${shown(wanted)}, and ${file} does not give them to "${given.user}"${has}`;
  return problem(pointer, "ID_MAP_RANGE", mapping, message, rangeFix(file, wanted, given));
}

/** Where users' own ranges begin, above all accounts. Source: SUB_UID_MIN of login.defs(5). */
const FIRST_SUBORDINATE_ID = 100_000;
const USUAL_COUNT = 65_536;

/** Never a line that would hand over ids of an account or of somebody else: then other ids are proposed. */
function rangeFix(file: string, wanted: IdRange, { own, all, user }: Given & { readonly user: string }): string {
  const enough = own.find(({ count }) => count >= wanted.count);
  if (enough !== undefined) return `take "hostID" from ${shown(enough)}`;
  const isFree = wanted.first >= FIRST_SUBORDINATE_ID && !all.some((range) => overlaps(range, wanted));
  if (isFree) return lineFix(file, user, wanted);
  const first = firstFree(all);
  const count = Math.max(wanted.count, USUAL_COUNT);
  return `${lineFix(file, user, { first, count })}, and write "hostID": ${first}`;
}

/** Lines that adjoin each other count as one. Source: newuidmap(1), as of shadow 4.13. */
function isCovered(wanted: IdRange, given: readonly IdRange[]): boolean {
  let next = wanted.first;
  for (;;) {
    const range = given.find((each) => each.first <= next && next < endOf(each));
    if (range === undefined) return false;
    next = endOf(range);
    if (next >= endOf(wanted)) return true;
  }
}

function rangeOf({ hostID, size }: IdMapping): IdRange {
  return { first: hostID, count: size };
}

function endOf({ first, count }: IdRange): number {
  return first + count;
}

function contains(outer: IdRange, inner: IdRange): boolean {
  return outer.first <= inner.first && endOf(inner) <= endOf(outer);
}

function overlaps(one: IdRange, other: IdRange): boolean {
  return one.first < endOf(other) && other.first < endOf(one);
}

function shown(range: IdRange): string {
  return range.count === 1 ? String(range.first) : `${range.first}-${endOf(range) - 1}`;
}

function shownAll(ranges: readonly IdRange[]): string {
  return ranges.map(shown).join(", ");
}

function problem(pointer: JsonPointer, code: string, value: unknown, message: string, fix: string): Problem {
  return { code, severity: "error", pointer, value: shownValue(value), message, fix, spec: SPEC };
}
