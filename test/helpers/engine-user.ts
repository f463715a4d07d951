import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MYDOCKER } from "./engine-box.ts";
import {
  asUserArgv,
  GROUP_ID,
  type OrdinaryUserOptions,
  reachableProgram,
  USER_ID,
  writeAccounts,
} from "./ordinary-user.ts";
import { type ProgramOptions, type ProgramResult, runProgram } from "./run-program.ts";
import { TIME_SCALE } from "./time-scale.ts";

const TIMEOUT_MS = 60_000 * TIME_SCALE;

/** An ordinary user with `mydocker`, whose home and $XDG_RUNTIME_DIR are the test's; `close` removes all that it has made. */
export class EngineUser {
  readonly directory = mkdtempSync(join(tmpdir(), "mydocker-user-"));
  readonly home = join(this.directory, "home");
  readonly runtimeDirectory = join(this.directory, "run");
  readonly #options: OrdinaryUserOptions;
  readonly #program: string;

  constructor(options: OrdinaryUserOptions = {}) {
    this.#options = options;
    chmodSync(this.directory, 0o755);
    writeAccounts(join(this.directory, "etc"), options.hasSubordinateIds === true);
    for (const path of [this.home, this.runtimeDirectory]) {
      mkdirSync(path, { mode: 0o700 });
      chownSync(path, USER_ID, GROUP_ID);
    }
    this.#program = reachableProgram(MYDOCKER, join(this.directory, "dist"));
  }

  call(words: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
    const argv = asUserArgv(join(this.directory, "etc"), [this.#program, ...words], this.#options);
    const env = { HOME: this.home, XDG_RUNTIME_DIR: this.runtimeDirectory, ...options.env };
    return runProgram(this.directory, argv, { cwd: this.home, timeoutMs: TIMEOUT_MS, ...options, env });
  }

  /** The standard output, without the newline at its end, of a line that must succeed. */
  async ok(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.call(words);
    if (status !== 0) throw new Error(`mydocker ${words.join(" ")} ended with ${status}: ${stderr}`);
    return stdout.replace(/\n$/, "");
  }

  /** The process that holds the user's namespaces, and goes with the test; undefined where none does. */
  holder(): number | undefined {
    const file = join(this.runtimeDirectory, "mydocker/namespaces");
    const [pid] = existsSync(file) ? readFileSync(file, "utf8").split(" ") : [];
    return pid === undefined || pid === "" ? undefined : Number(pid);
  }

  async close(): Promise<void> {
    const ids = (await this.ok("ps", "-aq")).split("\n").filter((id) => id !== "");
    if (ids.length > 0) await this.call(["rm", "-f", "-v", ...ids]);
    const holder = this.holder();
    if (holder !== undefined && existsSync(`/proc/${holder}`)) process.kill(holder, "SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }
}
