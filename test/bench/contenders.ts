import { join } from "node:path";
import { findProgram } from "../../src/tools/make-rootfs.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import { installedPeers } from "../helpers/peers.ts";

/** A runtime that takes part. */
export interface Contender {
  readonly name: string;
  /** Its command line up to the verb, with a state root of its own. */
  readonly argv: readonly string[];
  /** What ratios are given against. */
  readonly isPeer: boolean;
}

export const OURS = "mydocker-runtime";
/** Each plan compiled anew. */
export const COMPILED = `${OURS}, plan compiled`;
export const ON_NODE = `${OURS} on Node`;

/** This project's runtime, the same on Node where that is installed, and the peers that work here; the reasons of the others. */
export function contenders(states: string, bundle: string): { working: readonly Contender[]; left: readonly string[] } {
  const all = [
    contender(states, OURS, [join(PROJECT_ROOT, "dist/mydocker-runtime")]),
    contender(states, COMPILED, ["env", "MYDOCKER_PLAN_CACHE=off", join(PROJECT_ROOT, "dist/mydocker-runtime")]),
    ...onNode(states),
    ...installedPeers().map(({ name, path }) => ({ ...contender(states, name, [path]), isPeer: true })),
  ];
  const tried = all.map((each) => ({ each, problem: problemOf(each, bundle) }));
  return {
    working: tried.flatMap(({ each, problem }) => (problem === undefined ? [each] : [])),
    left: tried.flatMap(({ each, problem }) => (problem === undefined ? [] : [`${each.name} is left out: ${problem}`])),
  };
}

function contender(states: string, name: string, program: readonly string[]): Contender {
  const root = join(states, `state-${plainName(name)}`);
  return { name, argv: [...program, "--root", root], isPeer: false };
}

function onNode(states: string): readonly Contender[] {
  const node = findProgram("node");
  if (node === undefined) return [];
  return [contender(states, ON_NODE, [node, join(PROJECT_ROOT, "build/src/bin/mydocker-runtime.js")])];
}

/** The command line of a verb on a container of this contender's. */
export function argvOf({ argv }: Contender, verb: string, ...words: readonly string[]): readonly string[] {
  return [...argv, verb, ...words];
}

/** An id of this process and contender; ids share the cgroups' names. */
export function idOf({ name }: Contender, suffix = ""): string {
  return `bench-${process.pid}-${plainName(name)}${suffix}`;
}

/** For names of files and containers. */
function plainName(name: string): string {
  return name.replaceAll(/[ ,]+/g, "-");
}

function problemOf(each: Contender, bundle: string): string | undefined {
  const { succeeded, output } = runCommand(argvOf(each, "run", "--bundle", bundle, idOf(each)));
  return succeeded ? undefined : output.trim();
}
