import assert from "node:assert/strict";
import { eventually } from "./clients-checks.ts";
import { IMAGE } from "./clients-image.ts";
import type { ClientSandbox } from "./clients-sandbox.ts";
import type { Client, ClientRuntime } from "./clients-steps.ts";
import type { ProgramOptions, ProgramResult, RunningProgram } from "./run-program.ts";
import type { Terminal } from "./terminal.ts";

let names = 0;

/** podman or docker: the same command line for all that the tests do with both. */
export abstract class Engine implements Client {
  readonly sandbox: ClientSandbox;
  readonly runtime: ClientRuntime;
  protected abstract readonly env: Readonly<Record<string, string>>;

  constructor(sandbox: ClientSandbox, runtime: ClientRuntime) {
    this.sandbox = sandbox;
    this.runtime = runtime;
  }

  /** The whole command line for the engine's arguments. */
  abstract command(...args: readonly string[]): readonly string[];

  /** What each new container needs to be the test's own, and to have the runtime. */
  protected abstract readonly ownFlags: readonly string[];

  abstract cleanUp(): Promise<void>;

  /** A name for a container, or for something else, that nothing else has. */
  name(): string {
    return `box${++names}`;
  }

  /** Runs the engine to its end. */
  engine(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult> {
    return this.launch(args, options).ended;
  }

  launch(args: readonly string[], options?: ProgramOptions): RunningProgram {
    return this.sandbox.launch(this.command(...args), { env: this.env, ...options });
  }

  /** Runs the engine on a terminal of 24 rows and 80 columns. */
  terminal(...args: readonly string[]): Terminal {
    return this.sandbox.terminal(24, 80, this.command(...args), this.env);
  }

  /** Runs the engine, which must succeed, and returns what it prints. */
  ok(...args: readonly string[]): Promise<string> {
    return this.sandbox.output(this.command(...args), { env: this.env });
  }

  /** Runs a command in a new container to its end. The flags are separated by spaces. */
  run(flags: string, command: readonly string[], options?: ProgramOptions): Promise<ProgramResult> {
    return this.engine(["run", "--rm", ...this.flags(flags), IMAGE, ...command], options);
  }

  /** What a shell script prints in a new container; it must succeed. */
  async prints(flags: string, script: string): Promise<string> {
    const result = await this.run(flags, ["sh", "-c", script]);
    assert.equal(result.status, 0, `${JSON.stringify(result)} from run ${flags} "${script}"`);
    return result.stdout.trimEnd();
  }

  /** Starts a shell script in a container in the background, and returns the container's name. */
  async started(flags: string, script: string): Promise<string> {
    const name = this.name();
    await this.ok("run", "--detach", "--name", name, ...this.flags(flags), IMAGE, "sh", "-c", script);
    return name;
  }

  /** As `started`, and waits until the script has printed "ready". */
  async ready(flags: string, script: string): Promise<string> {
    const name = await this.started(flags, script);
    await this.logged(name, /ready/);
    return name;
  }

  async logged(name: string, pattern: RegExp): Promise<void> {
    await eventually(`${pattern} in the log of ${name}`, async () => pattern.test(await this.ok("logs", name)));
  }

  /** A field of `inspect`, by Go's template: "State.Status". */
  inspect(name: string, field: string): Promise<string> {
    return this.ok("inspect", "--format", `{{.${field}}}`, name);
  }

  /** The flags of a new container: without a network unless these name one. */
  flags(flags: string): readonly string[] {
    const network = /--network|--publish/.test(flags) ? [] : ["--network", "none"];
    return [...this.ownFlags, ...network, ...flags.split(" ").filter((flag) => flag !== "")];
  }
}
