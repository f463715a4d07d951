/**
 * `npm run profile -- run [FLAGS] ID`: carries out a command line of mydocker-runtime with a build that notes when each phase
 * ended, with its trace, and prints the timeline: the engine's phases, then each operation of the static program's processes.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildAll } from "./build-all.ts";
import { COMPILE_FLAGS } from "./build-steps.ts";
import { PROJECT_ROOT } from "./project-root.ts";
import { runCommand } from "./run-command.ts";
import { parseTimeline, timelineText } from "./timeline.ts";

const OUTPUT = join(PROJECT_ROOT, "build/profile");
const COMMAND = join(OUTPUT, "mydocker-runtime");

function buildProfiled(): boolean {
  if (!buildAll()) return false;
  mkdirSync(OUTPUT, { recursive: true });
  for (const file of ["mydocker-native.node", "koffi.node", "mydocker-init"])
    copyFileSync(join("dist", file), join(OUTPUT, file));
  copyFileSync("dist/launcher", COMMAND);
  const entry = ["src/bin/mydocker-runtime.ts", "--outfile", `${COMMAND}-engine`];
  const { succeeded, output } = runCommand([
    ...[process.execPath, "build", ...COMPILE_FLAGS, "--define=MYDOCKER_TIMELINE=true"],
    ...entry,
  ]);
  if (!succeeded) console.error(output);
  return succeeded;
}

// npm starts scripts in the project, and tells where it was started itself.
const cwd = process.env.INIT_CWD ?? process.cwd();
process.chdir(PROJECT_ROOT);
if (!buildProfiled()) process.exit(1);
const file = join(OUTPUT, "timeline.txt");
writeFileSync(file, "");
const startUs = (performance.timeOrigin + performance.now()) * 1000;
// The engine is what is looked at, so that no kept plan may do without it; the environment can say otherwise.
const env = { MYDOCKER_PLAN_CACHE: "off", ...process.env, MYDOCKER_TIMELINE: file };
const { status } = spawnSync(COMMAND, ["--trace", file, ...process.argv.slice(2)], { cwd, env, stdio: "inherit" });
const endUs = (performance.timeOrigin + performance.now()) * 1000;
console.error(timelineText(parseTimeline(readFileSync(file, "utf8"), startUs), endUs - startUs));
process.exitCode = status ?? 1;
