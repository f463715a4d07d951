import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { type ProgramOptions, type ProgramResult, RunningProgram, runProgram } from "./run-program.ts";
import { TIME_SCALE } from "./time-scale.ts";

/** For one command, on a machine that does much else. */
const TIMEOUT_MS = 100_000 * TIME_SCALE;

export const MYDOCKER = join(PROJECT_ROOT, "dist/mydocker");

/** A `mydocker` with directories of its own and an image "base"; `close` removes all that it has made. */
export class EngineBox {
  readonly directory = mkdtempSync(join(tmpdir(), "mydocker-engine-"));

  static async create(): Promise<EngineBox> {
    const box = new EngineBox();
    await box.ok("image", "build-base");
    return box;
  }

  argv(...words: readonly string[]): readonly string[] {
    return [MYDOCKER, "--root", join(this.directory, "root"), "--run-root", join(this.directory, "run"), ...words];
  }

  call(words: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
    return runProgram(this.directory, this.argv(...words), { cwd: this.directory, timeoutMs: TIMEOUT_MS, ...options });
  }

  start(words: readonly string[], options: ProgramOptions = {}): RunningProgram {
    return new RunningProgram(this.directory, this.argv(...words), {
      cwd: this.directory,
      timeoutMs: TIMEOUT_MS,
      ...options,
    });
  }

  /** The standard output, without the newline at its end, of a line that must succeed. */
  async ok(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.call(words);
    if (status !== 0) throw new Error(`mydocker ${words.join(" ")} ended with ${status}: ${stderr}`);
    return stdout.replace(/\n$/, "");
  }

  /** Another program, in the box's directory. */
  program(...argv: readonly string[]): Promise<ProgramResult> {
    return runProgram(this.directory, argv, { cwd: this.directory, timeoutMs: TIMEOUT_MS });
  }

  /** The id of a container that a command makes meanwhile, once it runs. */
  async untilRunning(name: string): Promise<string> {
    for (const deadline = Date.now() + TIMEOUT_MS; ; await delay(50)) {
      const { stdout } = await this.call(["inspect", "-f", "{{.State.Status}} {{.Id}}", name]);
      const [status, id] = stdout.trim().split(" ");
      if (status === "running" && id !== undefined) return id;
      if (Date.now() > deadline) throw new Error(`${name} does not run: ${stdout}`);
    }
  }

  inspect(name: string, template: string): Promise<string> {
    return this.ok("inspect", "-f", template, name);
  }

  async close(): Promise<void> {
    const ids = (await this.ok("ps", "-aq")).split("\n").filter((id) => id !== "");
    if (ids.length > 0) await this.call(["rm", "-f", "-v", ...ids]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
