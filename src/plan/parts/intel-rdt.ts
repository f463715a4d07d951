import { shownValue } from "../../base/problem.ts";
import type { PlanDraft } from "../draft.ts";
import type { RdtFacts } from "../host-facts.ts";
import type { Linux, PlanInput } from "../plan-input.ts";

type IntelRdt = NonNullable<Linux["intelRdt"]>;

const FROM = { config: "/linux/intelRdt" } as const;

/**
 * A class of service: made where it is missing, given its schemata, and joined by the init; with a monitoring group of
 * the container's own where that is wanted. Gives the slots to join and their files. Source: config-linux.md#intelrdt,
 * the kernel's Documentation/filesystems/resctrl.rst.
 */
export function addIntelRdt(draft: PlanDraft, input: PlanInput): readonly RdtJoin[] {
  const { intelRdt } = input.config.linux ?? {};
  if (intelRdt === undefined) return [];
  const { rdt } = input.host;
  if (rdt === undefined) {
    refuse(draft, "cannot be applied: no resctrl filesystem is mounted on this host", intelRdt);
    return [];
  }
  const group = closDirectory(intelRdt, input.id, rdt);
  addClass(draft, intelRdt, group, rdt);
  const joined = rdtGroup(intelRdt, input.id, rdt);
  if (joined !== group) addDirectory(draft, joined, "rmdir");
  const slot = draft.newSlot();
  draft.add("parent", FROM, { op: "cgroup.open", slot, path: `${joined}/tasks` });
  return [{ slot, path: `${joined}/tasks` }];
}

/** A tasks file that the init writes itself into. */
export interface RdtJoin {
  readonly slot: number;
  readonly path: string;
}

export function addRdtJoins(draft: PlanDraft, joins: readonly RdtJoin[]): void {
  for (const { slot, path } of joins) draft.add("init", FROM, { op: "cgroup.join", slot, path });
}

/** After the container's end. Classes with a name of their own, and directories that were there before, stay. */
export function addRdtRemoval(draft: PlanDraft, input: PlanInput): void {
  const { intelRdt } = input.config.linux ?? {};
  const { rdt } = input.host;
  if (intelRdt === undefined || rdt === undefined) return;
  const group = closDirectory(intelRdt, input.id, rdt);
  if (intelRdt.enableMonitoring === true) {
    draft.add("parent", FROM, { op: "cgroup.rmdir", path: `${group}/mon_groups/${input.id}` });
  }
  if (intelRdt.closID === undefined) draft.add("parent", FROM, { op: "cgroup.rmdir", path: group });
}

/** Where the container's processes are: in its class, or in its monitoring group there. */
export function rdtGroup(intelRdt: IntelRdt, id: string, rdt: RdtFacts): string {
  const group = closDirectory(intelRdt, id, rdt);
  return intelRdt.enableMonitoring === true ? `${group}/mon_groups/${id}` : group;
}

/** The class is named after the container by default; "/" is the root class. */
export function closDirectory({ closID }: IntelRdt, id: string, { root }: RdtFacts): string {
  return closID === "/" ? root : `${root}/${closID ?? id}`;
}

function addClass(draft: PlanDraft, intelRdt: IntelRdt, group: string, { root, schemata }: RdtFacts): void {
  const wanted = schemataLines(intelRdt);
  const isNamed = intelRdt.closID !== undefined;
  if (isNamed && wanted.length === 0 && schemata === undefined) {
    refuse(draft, "names a class that does not exist, and has no schema to make it with", intelRdt);
  }
  if (group !== root) addDirectory(draft, group, isNamed ? "rdt.rmdir" : "rmdir");
  if (wanted.length === 0) return;
  if (isNamed && schemata !== undefined) {
    // Others may run in a class that is there already: it has to be as the config says, and is not changed.
    const missing = wanted.filter((line) => !hasLine(schemata, line));
    if (missing.length > 0)
      refuse(draft, `differs from the existing class: it has no ${shownValue(missing)}`, intelRdt);
    return;
  }
  const value = `${wanted.join("\n")}\n`;
  const always = { when: "always", orElse: "", orElseValue: value, missing: "" } as const;
  draft.add("parent", FROM, { op: "cgroup.write", path: `${group}/schemata`, value, ...always });
}

/** In the spec's order. */
export function schemataLines({ l3CacheSchema, memBwSchema, schemata }: IntelRdt): readonly string[] {
  return [l3CacheSchema ?? "", memBwSchema ?? "", ...(schemata ?? [])].filter((line) => line !== "");
}

/** The kernel aligns the lines with blanks, and writes each cache with its mask: "    L3:0=fffff;1=fffff". */
function hasLine(schemata: string, line: string): boolean {
  const [name = "", domains = ""] = splitLine(line);
  const existing =
    schemata
      .split("\n")
      .map(splitLine)
      .find(([other]) => other === name)?.[1] ?? "";
  const values = existing.split(";").map(normalizeDomain);
  return domains
    .split(";")
    .filter(Boolean)
    .every((domain) => values.includes(normalizeDomain(domain)));
}

function splitLine(line: string): readonly string[] {
  return line.trim().split(":");
}

/** "0=00ff" and "0=ff" are the same mask. */
function normalizeDomain(domain: string): string {
  const [id = "", mask = ""] = domain.trim().split("=");
  return `${id.trim()}=${mask
    .trim()
    .toLowerCase()
    .replace(/^0+(?=.)/, "")}`;
}

/** No undo of cgroups, which removes what is below first: that is the kernel's own here, and goes with the directory. */
function addDirectory(draft: PlanDraft, path: string, undo: "rmdir" | "rdt.rmdir"): void {
  draft.add("parent", FROM, { op: "cgroup.mkdir", path, own: 0, undo: JSON.stringify({ undo, path }) });
}

function refuse(draft: PlanDraft, message: string, value: unknown): void {
  draft.problems.push({
    code: "RDT_CLASS",
    severity: "error",
    pointer: FROM.config,
    value: shownValue(value),
    message,
    spec: "config-linux.md#intelrdt",
  });
}
