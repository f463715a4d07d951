/** `npm start`: builds, makes a bundle from what this machine has, and runs it through `spec` and `run`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { buildAll } from "./build-all.ts";
import { makeRootfs } from "./make-rootfs.ts";
import { PROJECT_ROOT } from "./project-root.ts";

const RUNTIME = "dist/mydocker-runtime";
const BUNDLE = "build/demo";
const CONFIG = join(PROJECT_ROOT, BUNDLE, "config.json");

const SCRIPT = [
  'echo "Hello from a container: I am process $$, user $(id -u), on host $(hostname)."',
  'echo "My processes:"; ps',
  'echo "My root:"; ls /',
].join("\n");

process.exitCode = buildAll() ? runDemo() : 1;

function runDemo(): number {
  rmSync(join(PROJECT_ROOT, BUNDLE), { recursive: true, force: true });
  mkdirSync(join(PROJECT_ROOT, BUNDLE, "rootfs"), { recursive: true });
  console.log(`# a bundle in ${BUNDLE}: its rootfs is made from ${makeRootfs(join(PROJECT_ROOT, BUNDLE, "rootfs"))}`);
  const specStatus = show([RUNTIME, "spec", "--bundle", BUNDLE]);
  if (specStatus !== 0) return specStatus;
  console.log(`# in ${relative(PROJECT_ROOT, CONFIG)}: process.terminal = false, process.args = ["sh", "-c", …]`);
  adjustConfig();
  return show([RUNTIME, "run", "--bundle", BUNDLE, `demo-${process.pid}`]);
}

/** The default config wants a terminal and starts an interactive shell: what a user would change for a script. */
function adjustConfig(): void {
  // `spec` has just written it; the run checks what is written here.
  const config = JSON.parse(readFileSync(CONFIG, "utf8")) as { process: { terminal: boolean; args: string[] } };
  config.process.terminal = false;
  config.process.args = ["sh", "-c", SCRIPT];
  writeFileSync(CONFIG, `${JSON.stringify(config, null, 2)}\n`);
}

/** Runs a command on this process's own streams and returns its exit status. */
function show(argv: readonly [string, ...string[]]): number {
  console.log(`$ ${argv.join(" ")}`);
  const { status, error } = spawnSync(argv[0], argv.slice(1), { cwd: PROJECT_ROOT, stdio: "inherit" });
  if (error !== undefined) console.error(error.message);
  return status ?? 1;
}
