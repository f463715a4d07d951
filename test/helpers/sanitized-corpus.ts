import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { randomNumbers } from "./random-numbers.ts";

const SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/** Runs C code over many inputs, under AddressSanitizer and UBSan. */
export class SanitizedCorpus {
  /** Why it cannot, or false. */
  readonly skip: string | false;
  readonly #directory = mkdtempSync(join(tmpdir(), "mydocker-corpus-"));
  readonly #compiler: string | undefined;
  readonly #sources: readonly string[];
  #program: string | undefined;

  /** `sources` are C files of the project; together they make a program that prints a letter for each input. */
  constructor(sources: readonly string[]) {
    this.#sources = sources;
    this.#compiler = ["clang", "gcc"].find((name) => this.#hasSanitizers(name));
    this.skip = this.#compiler === undefined && "no C compiler with AddressSanitizer and UBSan";
  }

  /** The letters. Throws when the program crashes. */
  run(inputs: readonly Buffer[]): string {
    return this.lines(inputs)[0] ?? "";
  }

  /** What it prints, for a program that prints more. `args` go behind the corpus. Throws when the program crashes. */
  lines(inputs: readonly Buffer[], args: readonly string[] = []): readonly string[] {
    this.#program ??= this.#compile();
    const corpus = join(this.#directory, "corpus");
    writeFileSync(corpus, Buffer.concat(inputs.flatMap((input) => [Buffer.from(`${input.length}\n`), input])));
    const output = execFileSync(this.#program, [corpus, ...args], { encoding: "utf8", maxBuffer: 1 << 26 });
    return output.trimEnd().split("\n");
  }

  close(): void {
    rmSync(this.#directory, { recursive: true });
  }

  #compile(): string {
    const output = join(this.#directory, "program");
    const sources = this.#sources.map((path) => join(PROJECT_ROOT, path));
    execFileSync(this.#compiler ?? "cc", ["-std=c11", "-g", "-O1", ...SANITIZE, "-o", output, ...sources]);
    return output;
  }

  #hasSanitizers(name: string): boolean {
    const input = "int main(void) { return 0; }";
    const args = ["-x", "c", "-", ...SANITIZE, "-o", join(this.#directory, "probe")];
    return spawnSync(name, args, { input }).status === 0;
  }
}

/** Copies with up to four bytes damaged, and sometimes a part cut or repeated; the same at every run of a seed. */
export function damagedCopies(original: Buffer, count: number, seed: number): readonly Buffer[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => damage(original, random));
}

function damage(original: Buffer, random: (below: number) => number): Buffer {
  const copy = Buffer.from(original);
  for (let count = random(4) + 1; count > 0; count--) copy[random(copy.length)] = random(256);
  const from = random(copy.length);
  const to = from + random(copy.length - from);
  if (random(4) === 0) return copy.subarray(from, to);
  return random(4) === 0 ? Buffer.concat([copy.subarray(0, to), copy.subarray(from)]) : copy;
}
