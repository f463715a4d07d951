import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";

/** What is run in the machine, in the directory and with the variables given. */
export interface Job {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether systemd is the first process, and the job one of its services. */
  readonly systemd: boolean;
}

/** The modules that reach the root file system and the job's streams. */
const MODULES = ["virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay"] as const;
const GUEST_FILES = join(PROJECT_ROOT, "test/vm/guest");

/** Writes the first file system of the machine to `file`, by way of `directory`, which must be empty. */
export function writeInitrd(file: string, directory: string, release: string, job: Job): void {
  for (const name of ["bin", "dev", "proc", "sys", "lower", "upper", "root", "job", "modules"]) {
    mkdirSync(join(directory, name));
  }
  copyFileSync("/bin/busybox", join(directory, "bin/busybox"));
  installScript(join(directory, "init"), "init.sh");
  installScript(join(directory, "job/run"), "job.sh");
  copyFileSync(join(GUEST_FILES, "systemd.sh"), join(directory, "job/systemd.sh"));
  writeFileSync(join(directory, "job/command"), jobScript(job));
  writeFileSync(join(directory, "job/mode"), job.systemd ? "systemd\n" : "plain\n");
  modulePaths(release).forEach((path, index) => {
    const target = join(directory, "modules", `${100 + index}-${basename(path).replace(/\.(xz|zst|gz)$/, "")}`);
    writeFileSync(target, unpackedModule(path));
  });
  const names = execFileSync("find", [".", "-mindepth", "1"], { cwd: directory });
  writeFileSync(
    file,
    execFileSync("cpio", ["-o", "-H", "newc", "--quiet"], { cwd: directory, input: names, maxBuffer: 1 << 28 }),
  );
}

function installScript(target: string, name: string): void {
  copyFileSync(join(GUEST_FILES, name), target);
  chmodSync(target, 0o755);
}

/** In the order in which they are to be loaded. */
function modulePaths(release: string): readonly string[] {
  const lines = MODULES.flatMap((name) =>
    execFileSync("/sbin/modprobe", ["--set-version", release, "--show-depends", name], { encoding: "utf8" }).split(
      "\n",
    ),
  );
  return [...new Set(lines.flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []))];
}

const MODULE_PACKERS: Readonly<Record<string, string>> = { xz: "xz", zst: "zstd", gz: "gzip" };

function unpackedModule(path: string): Buffer {
  const packer = MODULE_PACKERS[path.slice(path.lastIndexOf(".") + 1)];
  return packer === undefined ? readFileSync(path) : execFileSync(packer, ["-dc", path], { maxBuffer: 1 << 28 });
}

/** The job as a script of the shell, every word quoted. Temporary files go to memory, and not onto the root's overlay. */
function jobScript({ argv, cwd, env }: Job): string {
  const variables = Object.entries({ ...env, TMPDIR: "/scratch" }).map(
    ([name, value]) => `export ${name}=${quoted(value)}`,
  );
  return [...variables, `cd ${quoted(cwd)} || exit 125`, `exec ${argv.map(quoted).join(" ")}`, ""].join("\n");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
