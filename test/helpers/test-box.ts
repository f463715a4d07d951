import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findHostTraces, findProcesses, type HostTraces } from "./host-traces.ts";
import { PROBE, type ProbeCommand, parseReports, probeArgs, type ReportsOf } from "./probe.ts";
import { type ProgramOptions, type ProgramResult, RunningProgram } from "./run-program.ts";
import { RUNTIME } from "./runtime-under-test.ts";
import { defaultConfig, type SpecConfig } from "./spec-config.ts";
import { TIME_SCALE } from "./time-scale.ts";

const ROOTFS_DIRECTORIES = ["dev", "etc", "proc", "run", "sys", "tmp"] as const;
const NO_TRACES: HostTraces = { mounts: [], cgroups: [], processes: [] };
const SETTLE_MS = 3_000 * TIME_SCALE;
const POLL_MS = 10;

/** A bundle, a state root and an id of its own for one test, and all that it takes to leave nothing of them behind. */
export class TestBox {
  /** The container's id; others of the same test begin with it. */
  readonly id: string;
  readonly directory: string;
  readonly bundle: string;
  readonly rootfs: string;
  /** The runtime's --root. */
  readonly stateRoot: string;
  /** What `writeConfig` writes and `run`, `look` and `create` call it for. */
  readonly config: SpecConfig = defaultConfig();
  readonly #ids = new Set<string>();
  readonly #programs: Promise<ProgramResult>[] = [];
  readonly #hostMounts: string[] = [];
  readonly #scratch: string;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), "mdr-test-"));
    // Process ids come round again; this name is unique on the machine.
    this.id = basename(this.directory);
    // Ids of a user namespace have to get through.
    chmodSync(this.directory, 0o711);
    [this.bundle, this.stateRoot, this.#scratch] = ["bundle", "state", "scratch"].map((name) => this.path(name)) as [
      string,
      string,
      string,
    ];
    this.rootfs = join(this.bundle, "rootfs");
    for (const name of [this.stateRoot, this.#scratch, this.bundle, this.rootfs]) mkdirSync(name);
    fillRootfs(this.rootfs);
  }

  /** A path in the test's own directory, outside of the bundle. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** A path in the container's root as seen from the host. */
  inRootfs(path: string): string {
    return join(this.rootfs, path);
  }

  writeConfig(): void {
    writeFileSync(join(this.bundle, "config.json"), JSON.stringify(this.config, null, 2));
  }

  /** Sets what the container runs: the probe's commands, in order. */
  setCommands(...commands: readonly (readonly string[])[]): void {
    this.config.process.args = ["/probe", ...probeArgs(...commands)];
  }

  /** Starts the runtime with this box's state root. */
  launch(args: readonly string[], options?: ProgramOptions): RunningProgram {
    const program = new RunningProgram(this.#scratch, this.argv(args), options);
    this.#programs.push(program.ended);
    return program;
  }

  /** Runs the runtime with this box's state root to its end. */
  runtime(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult> {
    return this.launch(args, options).ended;
  }

  /** The whole command line for the runtime's arguments. */
  argv(args: readonly string[]): readonly string[] {
    return [RUNTIME.path, "--root", this.stateRoot, ...args];
  }

  /** Runs a program of the host to its end. */
  program(argv: readonly string[], options?: ProgramOptions): Promise<ProgramResult> {
    return new RunningProgram(this.#scratch, argv, options).ended;
  }

  /** Writes the config and carries out `run` in the foreground. */
  run(flags: readonly string[] = [], options?: ProgramOptions): Promise<ProgramResult> {
    return this.launchRun(flags, options).ended;
  }

  /** As `run`, without waiting. */
  launchRun(flags: readonly string[] = [], options?: ProgramOptions): RunningProgram {
    return this.launch(this.#withBundle("run", flags), options);
  }

  /** Writes the config and carries out `create`. */
  create(flags: readonly string[] = [], options?: ProgramOptions): Promise<ProgramResult> {
    return this.launchCreate(flags, options).ended;
  }

  /** As `create`, without waiting: for tests that read what the container prints later. */
  launchCreate(flags: readonly string[] = [], options?: ProgramOptions): RunningProgram {
    return this.launch(this.#withBundle("create", flags), options);
  }

  /** `create`, which must succeed. */
  async created(flags: readonly string[] = [], options?: ProgramOptions): Promise<void> {
    assertSuccess(await this.create(flags, options));
  }

  /** Creates and starts a container of the probe's commands; its output can be read from the result. */
  async started(...commands: readonly (readonly string[])[]): Promise<RunningProgram> {
    this.setCommands(...commands);
    const creation = this.launchCreate();
    assertSuccess(await creation.ended);
    await this.must("start");
    return creation;
  }

  /** A verb on this box's container that must succeed, such as `start`; flags go before the id. */
  async must(verb: string, ...words: readonly string[]): Promise<ProgramResult> {
    const isFlag = (word: string): boolean => word.startsWith("-");
    const args = [verb, ...words.filter(isFlag), this.id, ...words.filter((word) => !isFlag(word))];
    const result = await this.runtime(args);
    assertSuccess(result);
    return result;
  }

  /** Runs the probe's commands in a container of the config, and returns what they report. */
  async look<const Commands extends readonly ProbeCommand[]>(...commands: Commands): Promise<ReportsOf<Commands>> {
    this.setCommands(...commands);
    const result = await this.run();
    assertSuccess(result);
    return this.reports(result.stdout, ...commands);
  }

  /** Reads the reports of the given commands from what was printed. */
  reports<const Commands extends readonly ProbeCommand[]>(output: string, ...commands: Commands): ReportsOf<Commands> {
    const reports = parseReports(output);
    assert.equal(reports.length, commands.length, `as many reports as commands in: ${output}`);
    // test/probe prints what ProbeReports says, in the order of the commands.
    return reports as ReportsOf<Commands>;
  }

  /** What `state` prints. */
  async state(): Promise<Readonly<Record<string, unknown>>> {
    const { stdout } = await this.must("state");
    return JSON.parse(stdout);
  }

  /** Waits until the container has this status. */
  async waitForStatus(status: string): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    for (;;) {
      const state = await this.state();
      if (state.status === status) return;
      assert.ok(Date.now() < deadline, `status is ${JSON.stringify(state.status)}, not "${status}"`);
      await delay(POLL_MS);
    }
  }

  /** Waits until a listener has made its socket. */
  async socketAppears(path: string): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    for (; !existsSync(path); await delay(POLL_MS)) assert.ok(Date.now() < deadline, `no socket at ${path}`);
  }

  /** Waits until a file is there and matches. */
  async fileHas(path: string, pattern: RegExp): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    const matches = (): boolean => existsSync(path) && pattern.test(readFileSync(path, "utf8"));
    for (; !matches(); await delay(POLL_MS)) assert.ok(Date.now() < deadline, `no ${pattern} in ${path}`);
  }

  /** Another id whose container `close` takes care of. */
  otherId(suffix: string): string {
    const id = `${this.id}-${suffix}`;
    this.#ids.add(id);
    return id;
  }

  /** Mounts a tmpfs on the host until the box is closed. */
  mountOnHost(directory: string, options = "defaults"): void {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory]);
    this.#hostMounts.push(directory);
  }

  /** Makes a directory of the host a mount of its own until the box is closed. */
  bindOnHost(directory: string): void {
    execFileSync("mount", ["--bind", directory, directory]);
    this.#hostMounts.push(directory);
  }

  traces(): HostTraces {
    return findHostTraces(this);
  }

  /** Waits until nothing of the container is on the host any more, and fails when that takes too long. */
  async assertNoTraces(): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    while (!isEmpty(this.traces()) && Date.now() < deadline) await delay(POLL_MS);
    assert.deepEqual(this.traces(), NO_TRACES);
  }

  /** Waits until none of the container's processes is alive, and fails when that takes too long. */
  async assertNoProcesses(): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    while (this.traces().processes.length > 0 && Date.now() < deadline) await delay(POLL_MS);
    assert.deepEqual(this.traces().processes, []);
  }

  /** Deletes the containers, checks that they have left nothing, and removes the directory all the same. */
  async close(): Promise<void> {
    try {
      for (const id of [this.id, ...this.#ids]) await this.runtime(["delete", "--force", id]);
      // A `run` in the foreground ends with its container, and reads from the directory until then.
      await Promise.allSettled(this.#programs);
      for (const directory of this.#hostMounts.toReversed()) execFileSync("umount", [directory]);
      await this.assertNoTraces();
    } finally {
      await this.#clean();
    }
  }

  #withBundle(verb: string, flags: readonly string[]): readonly string[] {
    this.writeConfig();
    return [verb, "--bundle", this.bundle, ...flags, this.id];
  }

  /** What a runtime should have done: so that one failing test does not spoil the next. */
  async #clean(): Promise<void> {
    const { mounts, cgroups } = this.traces();
    for (const pid of findProcesses(this)) killIfThere(pid);
    for (const mount of mounts.toReversed()) execFileSync("umount", ["--lazy", mount], { stdio: "ignore" });
    for (const cgroup of cgroups.toReversed()) await removeCgroup(cgroup);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function assertSuccess(result: ProgramResult): void {
  assert.equal(result.status, 0, `exit status ${result.status}; ${JSON.stringify(result)}`);
}

function isEmpty({ mounts, cgroups, processes }: HostTraces): boolean {
  return mounts.length + cgroups.length + processes.length === 0;
}

function fillRootfs(rootfs: string): void {
  for (const name of ROOTFS_DIRECTORIES) mkdirSync(join(rootfs, name));
  chmodSync(join(rootfs, "tmp"), 0o1777);
  try {
    linkSync(PROBE, join(rootfs, "probe"));
  } catch {
    // On another file system than the checkout.
    copyFileSync(PROBE, join(rootfs, "probe"));
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** With those that the container has made below; a cgroup whose processes are being killed is busy for a while. */
async function removeCgroup(path: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      for (const inner of innerCgroups(path).toReversed()) rmdirSync(inner);
      return rmdirSync(path);
    } catch {
      await delay(POLL_MS);
    }
  }
}

/** Parents before their children. */
function innerCgroups(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [join(path, entry.name), ...innerCgroups(join(path, entry.name))]);
}
