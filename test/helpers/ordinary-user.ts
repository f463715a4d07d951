import assert from "node:assert/strict";
import {
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Need, needsProgram, needsUserNamespaces } from "./needs.ts";
import type { ProbeCommand, ReportsOf } from "./probe.ts";
import { type ProgramOptions, type ProgramResult, RunningProgram } from "./run-program.ts";
import { RUNTIME } from "./runtime-under-test.ts";
import type { SpecConfig } from "./spec-config.ts";
import { assertSuccess, type TestBox } from "./test-box.ts";

export const USER_ID = 54_321;
export const GROUP_ID = 54_322;
const USER_NAME = "mdr-test-user";

/** The ids that /etc/subuid and /etc/subgid give to the user of a test. */
export const SUBORDINATE = { first: 700_000, count: 65_536 } as const;

/** What tests of ordinary users need beside root, who becomes one. */
export const NEEDS_ORDINARY_USER: readonly Need[] = [
  needsUserNamespaces,
  needsProgram("setpriv"),
  needsProgram("unshare"),
];

export interface OrdinaryUserOptions {
  /** Whether /etc/subuid and /etc/subgid have lines for the user. */
  readonly hasSubordinateIds?: boolean;
  /** The user's additional groups. */
  readonly groups?: readonly number[];
  /** Goes before what becomes the user: a program that root runs, which runs its arguments. */
  readonly before?: readonly string[];
  /** Goes between the user and its programs, such as ["unshare", "--map-root-user"]. */
  readonly through?: readonly string[];
}

/** Puts the test's own account files over the host's, in a mount namespace of its own, and becomes the user. */
const BECOME = [
  "for name in passwd group subuid subgid; do",
  '  [ ! -e "/etc/$name" ] || mount --bind "$1/$name" "/etc/$name" || exit 125',
  "done",
  "shift",
  'exec setpriv "$@"',
].join("\n");

/**
 * A user without privileges, for one test. The accounts of the host stay as they are: the user is in files that only its
 * own programs see in /etc. It owns the box's bundle, and has its own state root and $XDG_RUNTIME_DIR.
 */
export class OrdinaryUser {
  readonly runtimeDirectory: string;
  /** The executable, where this user can reach it. */
  readonly runtimePath: string;
  readonly #box: TestBox;
  readonly #etc: string;
  readonly #options: OrdinaryUserOptions;

  constructor(box: TestBox, options: OrdinaryUserOptions = {}) {
    this.#box = box;
    this.#options = options;
    this.#etc = box.path("etc");
    this.runtimeDirectory = box.path("runtime-directory");
    writeAccounts(this.#etc, options.hasSubordinateIds === true);
    mkdirSync(this.runtimeDirectory, { mode: 0o700 });
    for (const path of [box.bundle, box.stateRoot, this.runtimeDirectory, ...directoriesBelow(box.rootfs)]) {
      chownSync(path, USER_ID, GROUP_ID);
    }
    this.runtimePath = reachableRuntime(box);
  }

  /** The command line that runs a program as this user. */
  argv(program: readonly string[]): readonly string[] {
    return asUserArgv(this.#etc, program, this.#options);
  }

  /** The command line of the runtime, with the box's state root. */
  runtimeArgv(args: readonly string[]): readonly string[] {
    return this.argv([this.runtimePath, "--root", this.#box.stateRoot, ...args]);
  }

  /** Runs a program as this user to its end. */
  program(argv: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
    return this.#launch(this.argv(argv), options).ended;
  }

  /** Runs the runtime as this user to its end, with the box's state root. */
  runtime(args: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
    return this.#launch(this.runtimeArgv(args), options).ended;
  }

  /** As `runtime`, without a state root of the test's. */
  runtimeAlone(args: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
    return this.#launch(this.argv([this.runtimePath, ...args]), options).ended;
  }

  /** Lets `spec --rootless` write the config, and reads it for the test to change: without a terminal. */
  async spec(): Promise<SpecConfig> {
    assertSuccess(await this.runtime(["spec", "--rootless", "--bundle", this.#box.bundle]));
    // What this runtime writes has the shape of what tests write.
    const config = JSON.parse(readFileSync(join(this.#box.bundle, "config.json"), "utf8")) as SpecConfig;
    config.process.terminal = false;
    Object.assign(this.#box.config, config);
    return this.#box.config;
  }

  /** Writes the box's config and carries out `run` in the foreground. */
  run(flags: readonly string[] = [], options: ProgramOptions = {}): Promise<ProgramResult> {
    return this.#runBundle("run", flags, options).ended;
  }

  /** Runs the probe's commands in a container of the user's, and returns what they report. */
  async look<const Commands extends readonly ProbeCommand[]>(...commands: Commands): Promise<ReportsOf<Commands>> {
    this.#box.setCommands(...commands);
    const result = await this.run();
    assertSuccess(result);
    return this.#box.reports(result.stdout, ...commands);
  }

  /** Writes the box's config and carries out `create`; the container's output can be read from the result. */
  async created(flags: readonly string[] = [], options: ProgramOptions = {}): Promise<RunningProgram> {
    const creation = this.#runBundle("create", flags, options);
    assertSuccess(await creation.ended);
    return creation;
  }

  /** A verb on the box's container that must succeed. */
  async must(verb: string, ...words: readonly string[]): Promise<ProgramResult> {
    const result = await this.runtime([verb, this.#box.id, ...words]);
    assertSuccess(result);
    return result;
  }

  #runBundle(verb: string, flags: readonly string[], options: ProgramOptions): RunningProgram {
    this.#box.writeConfig();
    return this.#launch(this.runtimeArgv([verb, "--bundle", this.#box.bundle, ...flags, this.#box.id]), options);
  }

  #launch(argv: readonly string[], options: ProgramOptions): RunningProgram {
    const env = { XDG_RUNTIME_DIR: this.runtimeDirectory, ...options.env };
    return new RunningProgram(this.#box.directory, argv, { ...options, env });
  }
}

/** A user with a config of `spec --rootless` for the probe. */
export async function rootlessUser(box: TestBox, options: OrdinaryUserOptions = {}): Promise<OrdinaryUser> {
  const user = new OrdinaryUser(box, options);
  await user.spec();
  return user;
}

/** The command line that runs a program as the user whose accounts are in a directory. */
export function asUserArgv(
  etc: string,
  program: readonly string[],
  { groups = [], before = [], through = [] }: OrdinaryUserOptions = {},
): readonly string[] {
  const identity = [`--reuid=${USER_ID}`, `--regid=${GROUP_ID}`];
  const others = groups.length === 0 ? "--clear-groups" : `--groups=${groups.join()}`;
  return [...before, "unshare", "--mount", "sh", "-c", BECOME, "sh", etc, ...identity, others, ...through, ...program];
}

/** A refusal: what the runtime said of it. */
export function refusalOf(result: ProgramResult): string {
  assert.notEqual(result.status, 0, JSON.stringify(result));
  return result.stderr;
}

/** Makes a directory with the test's own account files. */
export function writeAccounts(directory: string, hasSubordinateIds: boolean): void {
  const subordinate = hasSubordinateIds ? `${USER_NAME}:${SUBORDINATE.first}:${SUBORDINATE.count}\n` : "";
  const files: Readonly<Record<string, string>> = {
    passwd: `root:x:0:0::/root:/bin/sh\n${USER_NAME}:x:${USER_ID}:${GROUP_ID}::/:/bin/sh\n`,
    group: `root:x:0:\n${USER_NAME}:x:${GROUP_ID}:\n`,
    subuid: subordinate,
    subgid: subordinate,
  };
  mkdirSync(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
}

function directoriesBelow(root: string): readonly string[] {
  const entries = readdirSync(root, { withFileTypes: true, recursive: true });
  const below = entries.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
  return [root, ...below];
}

/** The runtime's own path, or where the checkout is closed to other users that of links or copies in the box. */
function reachableRuntime(box: TestBox): string {
  return RUNTIME.name === "ours" ? reachableProgram(RUNTIME.path, box.path("dist")) : RUNTIME.path;
}

/** A program's own path, or where others may not go there that of links or copies of all beside it in a new directory. */
export function reachableProgram(path: string, copies: string): string {
  if (isOpenToAll(dirname(path))) return path;
  mkdirSync(copies);
  for (const name of readdirSync(dirname(path))) linkOrCopy(join(dirname(path), name), join(copies, name));
  return join(copies, basename(path));
}

function isOpenToAll(directory: string): boolean {
  const isOpen = (statSync(directory).mode & 0o001) !== 0;
  return isOpen && (directory === "/" || isOpenToAll(dirname(directory)));
}

function linkOrCopy(from: string, to: string): void {
  if (!statSync(from).isFile()) return;
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
