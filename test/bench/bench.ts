/**
 * `npm run bench [-- ROUNDS]`: the whole life of a container that runs `true`, with our default config, in turn on
 * this project's runtime and on those that are installed; once back to back, once with idle gaps as in real life.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAll } from "../../src/tools/build-all.ts";
import { makeRootfs } from "../../src/tools/make-rootfs.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";
import { installedPeers } from "../helpers/peers.ts";
import { measure } from "./measure.ts";
import { table } from "./table.ts";

const DEFAULT_ROUNDS = 40;
const PAUSES_MS = [0, 40] as const;

interface Candidate {
  readonly name: string;
  readonly argv: readonly string[];
}

const rounds = Number(process.argv[2] ?? DEFAULT_ROUNDS);
if (!buildAll() || !runCommand(["make", "--silent", "-C", "test/probe"]).succeeded) process.exit(1);
const directory = mkdtempSync(join(tmpdir(), "mydocker-bench-"));
try {
  console.log(`rootfs: ${makeBundle(directory)}`);
  const candidates = [ours(directory), ...installedPeers().map((peer) => candidate(directory, peer.name, peer.path))];
  const working = candidates.filter(works);
  for (const pauseMs of PAUSES_MS) {
    const results = measure(
      rounds,
      pauseMs,
      working.map(({ argv }) => argv),
    );
    console.log(
      `\n${rounds} runs of each, in turn, ${pauseMs === 0 ? "back to back" : `${pauseMs} ms of idling before each`}`,
    );
    console.log(
      table(
        working.map(({ name }) => name),
        results,
      ),
    );
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function makeBundle(bundle: string): string {
  mkdirSync(join(bundle, "rootfs"));
  const { succeeded, output } = runCommand([join(PROJECT_ROOT, "dist/mydocker-runtime"), "spec", "--bundle", bundle]);
  if (!succeeded) throw new Error(output);
  const file = join(bundle, "config.json");
  // What `spec` has just written.
  const config = JSON.parse(readFileSync(file, "utf8")) as { process: { terminal: boolean; args: string[] } };
  config.process.terminal = false;
  config.process.args = ["true"];
  writeFileSync(file, JSON.stringify(config, null, 2));
  return makeRootfs(join(bundle, "rootfs"));
}

function ours(bundle: string): Candidate {
  return candidate(bundle, "mydocker-runtime", join(PROJECT_ROOT, "dist/mydocker-runtime"));
}

function candidate(bundle: string, name: string, path: string): Candidate {
  const root = join(bundle, `state-${name}`);
  return { name, argv: [path, "--root", root, "run", "--bundle", bundle, `bench-${process.pid}-${name}`] };
}

/** Warms up, and leaves out with the reason what does not work on this machine. */
function works({ name, argv }: Candidate): boolean {
  const { succeeded, output } = runCommand(argv);
  if (!succeeded) console.log(`${name} is left out: ${output.trim()}`);
  return succeeded;
}
