import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertNothingLeft, eventually } from "./clients-checks.ts";
import { IMAGE } from "./clients-image.ts";
import type { ClientSandbox } from "./clients-sandbox.ts";
import type { Client, ClientRuntime } from "./clients-steps.ts";
import type { ProgramOptions, ProgramResult, RunningProgram } from "./run-program.ts";
import type { Terminal } from "./terminal.ts";

const SOCKET = "/run/test-containerd/sock";
const STATE_ROOT = "/run/test-runtime";

let names = 0;

/** containerd's own command line, on a containerd of the test's, with one of the runtimes. */
export class Containerd implements Client {
  readonly sandbox: ClientSandbox;
  readonly runtime: ClientRuntime;

  constructor(sandbox: ClientSandbox, runtime: ClientRuntime) {
    this.sandbox = sandbox;
    this.runtime = runtime;
  }

  static async open(sandbox: ClientSandbox, image: string, runtime: ClientRuntime): Promise<Containerd> {
    const config = join(sandbox.shared, "containerd.toml");
    writeFileSync(config, daemonConfig(sandbox));
    const ctr = new Containerd(sandbox, runtime);
    await sandbox.daemon(["containerd", "--config", config], async () => (await ctr.ctr(["version"])).status === 0);
    await ctr.ok("images", "import", image);
    return ctr;
  }

  name(): string {
    return `box${++names}`;
  }

  ctr(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult> {
    return this.launch(args, options).ended;
  }

  launch(args: readonly string[], options?: ProgramOptions): RunningProgram {
    return this.sandbox.launch(this.#command(args), options);
  }

  /** Runs ctr on a terminal of 24 rows and 80 columns. */
  terminal(...args: readonly string[]): Terminal {
    return this.sandbox.terminal(24, 80, this.#command(args));
  }

  /** Runs ctr, which must succeed, and returns what it prints. */
  ok(...args: readonly string[]): Promise<string> {
    return this.sandbox.output(this.#command(args));
  }

  /** Runs a command in a new container to its end. */
  run(flags: readonly string[], command: readonly string[], options?: ProgramOptions): Promise<ProgramResult> {
    return this.ctr(["run", "--rm", ...this.flags, ...flags, IMAGE, this.name(), ...command], options);
  }

  /** What a shell script prints in a new container; it must succeed. */
  async prints(flags: readonly string[], script: string): Promise<string> {
    const result = await this.run(flags, ["sh", "-c", script]);
    assert.equal(result.status, 0, JSON.stringify(result));
    return result.stdout.trimEnd();
  }

  /** Starts a shell script in a container in the background, and returns the container's name. */
  async started(flags: readonly string[], script: string): Promise<string> {
    const name = this.name();
    await this.ok("run", "--detach", "--null-io", ...this.flags, ...flags, IMAGE, name, "sh", "-c", script);
    return name;
  }

  /** Runs a command in a running container to its end. */
  exec(name: string, flags: readonly string[], ...command: readonly string[]): Promise<ProgramResult> {
    return this.ctr(["tasks", "exec", "--exec-id", this.name(), ...flags, name, ...command]);
  }

  /** RUNNING, PAUSED or STOPPED. */
  async status(name: string): Promise<string | undefined> {
    const table = await this.ok("tasks", "list");
    return table
      .split("\n")
      .map((line) => line.split(/\s+/))
      .find(([task]) => task === name)?.[2];
  }

  async waitForStatus(name: string, status: string): Promise<void> {
    await eventually(`${name} is ${status}`, async () => (await this.status(name)) === status);
  }

  async remove(name: string): Promise<void> {
    await this.ctr(["tasks", "delete", "--force", name]);
    await this.ctr(["containers", "delete", name]);
  }

  get flags(): readonly string[] {
    return ["--runc-binary", this.runtime.path, "--runc-root", STATE_ROOT];
  }

  async cleanUp(): Promise<void> {
    const names = await this.ok("containers", "list", "--quiet");
    for (const name of names.split("\n").filter((line) => line !== "")) await this.remove(name);
    assert.equal(await this.ok("containers", "list", "--quiet"), "");
    await assertNothingLeft(this.sandbox, `${STATE_ROOT}/${this.sandbox.mark}`);
  }

  #command(args: readonly string[]): readonly string[] {
    // The namespace gives its name to the cgroup of the containers as well.
    return ["ctr", "--address", SOCKET, "--namespace", this.sandbox.mark, ...args];
  }
}

function daemonConfig({ inside }: ClientSandbox): string {
  return `
version = 2
root = ${JSON.stringify(join(inside, "containerd"))}
state = "/run/test-containerd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "${SOCKET}"
[ttrpc]
address = "${SOCKET}.ttrpc"
`;
}
