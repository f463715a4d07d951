import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { MYDOCKER } from "./engine-box.ts";
import { type Need, needsRoot } from "./needs.ts";
import { type ProgramOptions, type ProgramResult, runProgram } from "./run-program.ts";
import { TIME_SCALE } from "./time-scale.ts";

const timeout = 300_000 * TIME_SCALE;

/** Declares a test on a store of its own, which needs root and what else is named. */
export function imageTest(name: string, needs: readonly Need[], body: (store: ImageStore) => Promise<void>): void {
  const skip = [needsRoot, ...needs].map((need) => need()).find((reason) => reason !== undefined) ?? false;
  it(name, { skip, timeout }, async () => {
    const store = new ImageStore();
    try {
      await body(store);
    } finally {
      rmSync(store.scratch, { recursive: true });
    }
  });
}

/** A `mydocker` without images, and a directory to make things in. */
export class ImageStore {
  readonly scratch = mkdtempSync(join(tmpdir(), "mydocker-images-"));
  #root = mkdtempSync(join(this.scratch, "root-"));

  /** The directory of its images and containers. */
  get root(): string {
    return this.#root;
  }

  /** Goes on with a store in which nothing is yet. */
  renew(): void {
    this.#root = mkdtempSync(join(this.scratch, "root-"));
  }

  argv(...words: readonly string[]): readonly string[] {
    return [MYDOCKER, "--root", this.root, "--run-root", join(this.scratch, "run"), ...words];
  }

  call(words: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
    return this.#run(this.argv(...words), options);
  }

  /** The standard output of a command that must succeed. */
  async ok(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.call(words);
    assert.equal(status, 0, `${words.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** What a command that must fail says. */
  async refusal(...words: readonly string[]): Promise<string> {
    const { status, stderr } = await this.call(words);
    assert.notEqual(status, 0, words.join(" "));
    return stderr;
  }

  /** The standard output of another program, which must succeed. */
  async must(...program: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.#run(program, { env: { HOME: this.scratch } });
    assert.equal(status, 0, `${program.join(" ")}: ${stderr}`);
    return stdout;
  }

  #run(program: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
    return runProgram(this.scratch, program, { timeoutMs: timeout, cwd: this.scratch, ...options });
  }

  /** Nothing is in the store but what its records name. */
  assertTidy(): void {
    assert.deepEqual(readdirSync(join(this.root, "image/ingest")), []);
    const layers = listed(join(this.root, "layers")).map((file) => {
      const record: unknown = JSON.parse(readFileSync(join(this.root, "layers", file), "utf8"));
      assert.ok(typeof record === "object" && record !== null && "cacheId" in record);
      return record.cacheId;
    });
    const entries = listed(join(this.root, "overlay2"));
    assert.deepEqual(entries.filter((name) => name !== "l").sort(), layers.sort());
    if (entries.includes("l")) assert.equal(readdirSync(join(this.root, "overlay2/l")).length, layers.length);
  }
}

function listed(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}
