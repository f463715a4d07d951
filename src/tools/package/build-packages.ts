/** Makes the packages of dist/ in dist/packages. Run by package.ts, after the build. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { PROJECT_ROOT } from "../project-root.ts";
import { type DebianControl, makeDebianPackage } from "./debian-package.ts";
import { libraryDependencies } from "./library-dependencies.ts";
import { PACKAGE_NAME, packageFiles } from "./package-files.ts";
import { sourceDate } from "./source-date.ts";
import { makeTarball } from "./tarball.ts";

const DIST = join(PROJECT_ROOT, "dist");
const OUTPUT = join(DIST, "packages");

/** The names that dpkg has for process.arch. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

rmSync(OUTPUT, { recursive: true, force: true });
mkdirSync(OUTPUT, { recursive: true });
const common = { version: packageVersion(), architecture: architecture(), epoch: sourceDate() };
const scratch = mkdtempSync(join(tmpdir(), "mydocker-package-"));
try {
  for (const file of [await tarball(), debianPackage()]) console.log(relative(PROJECT_ROOT, file));
} finally {
  rmSync(scratch, { recursive: true });
}

function tarball(): Promise<string> {
  const files = packageFiles(DIST, { zshDirectory: "share/zsh/site-functions" });
  return makeTarball(PACKAGE_NAME, { ...common, files }, OUTPUT, makeScratch("tar"));
}

function debianPackage(): string {
  const files = packageFiles(DIST, { zshDirectory: "share/zsh/vendor-completions" });
  return makeDebianPackage(PACKAGE_NAME, { ...common, ...control(), files }, OUTPUT, makeScratch("deb"));
}

function makeScratch(name: string): string {
  const directory = join(scratch, name);
  mkdirSync(directory);
  return directory;
}

function control(): DebianControl {
  const dynamic = ["mydocker-runtime-engine", "mydocker-engine", "mydocker-native.node", "koffi.node"];
  return {
    depends: libraryDependencies(dynamic.map((name) => join(DIST, name))),
    recommends: ["uidmap"],
    suggests: ["criu"],
    maintainer: "mydocker-runtime maintainers <maintainers@mydocker-runtime.invalid>",
    summary: "OCI container runtime that plans before it acts",
    description: [
      "A low-level container runtime like runc, with the same command line: podman,",
      "containerd, CRI-O and docker can use it. It compiles a bundle's config.json into",
      "a plan, which can be printed, carries the plan out, and undoes it on failure.",
      "",
      "Ordinary users run containers with more than their own id through newuidmap, of",
      "the package uidmap.",
    ],
  };
}

function packageVersion(): string {
  // package.json is this project's own: npm has checked it.
  return (JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8")) as { version: string }).version;
}

function architecture(): string {
  const name = ARCHITECTURES[process.arch];
  if (name === undefined) throw new Error(`no package is made for ${process.arch}`);
  return name;
}
