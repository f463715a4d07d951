import { join } from "node:path";
import { assertNothingLeft } from "./clients-checks.ts";
import type { ClientSandbox } from "./clients-sandbox.ts";
import type { Client, ClientRuntime } from "./clients-steps.ts";
import type { ProgramOptions, ProgramResult } from "./run-program.ts";

/** buildah with storage of its own, on one of the runtimes. */
export class Buildah implements Client {
  static readonly programs: readonly string[] = ["buildah"];
  static readonly packages = "buildah";
  readonly sandbox: ClientSandbox;
  readonly runtime: ClientRuntime;
  readonly #image: string;

  constructor(sandbox: ClientSandbox, runtime: ClientRuntime, image: string) {
    this.sandbox = sandbox;
    this.runtime = runtime;
    this.#image = image;
  }

  static async open(sandbox: ClientSandbox, image: string, runtime: ClientRuntime): Promise<Buildah> {
    return new Buildah(sandbox, runtime, `docker-archive:${image}`);
  }

  command(...args: readonly string[]): readonly string[] {
    return ["buildah", "--root", join(this.sandbox.inside, "storage"), "--runroot", "/run/buildah", ...args];
  }

  /** Runs buildah, which must succeed, and returns what it prints. */
  ok(...args: readonly string[]): Promise<string> {
    return this.sandbox.output(this.command(...args));
  }

  /** A new working container. */
  from(): Promise<string> {
    return this.ok("from", "--quiet", "--cgroup-parent", `/${this.sandbox.mark}/build`, this.#image);
  }

  /** The command line that runs a command in a working container. */
  runCommand(container: string, flags: readonly string[], ...command: readonly string[]): readonly string[] {
    const runtime = ["--isolation", "oci", "--runtime", this.runtime.path, "--network", "none"];
    return this.command("run", ...runtime, ...flags, container, "--", ...command);
  }

  run(
    container: string,
    flags: readonly string[],
    command: readonly string[],
    options?: ProgramOptions,
  ): Promise<ProgramResult> {
    return this.sandbox.run(this.runCommand(container, flags, ...command), options);
  }

  async cleanUp(): Promise<void> {
    await this.ok("rm", "--all");
    await assertNothingLeft(this.sandbox, `/run/${this.runtime.name}`);
  }
}
