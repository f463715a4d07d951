import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { PROJECT_ROOT } from "../project-root.ts";
import { copyrightText } from "./copyright-text.ts";
import type { PackageFile } from "./package-file.ts";

export const PACKAGE_NAME = "mydocker-runtime";

/** Where the executables find each other and what they load: the launchers look beside themselves. */
const LIBRARY = `lib/${PACKAGE_NAME}`;
const COMMANDS = ["mydocker-runtime", "mydocker"] as const;
const EXECUTABLES = [
  ...COMMANDS.flatMap((name) => [name, `${name}-engine`]),
  "mydocker-init",
  "mydocker-monitor",
  "mydocker-child-init",
  "mydocker-enter",
  "mydocker-netd",
] as const;
const LOADED = ["mydocker-native.node", "koffi.node"] as const;

/** Directories that differ between what a distribution installs and what its administrator does. */
export interface Conventions {
  readonly zshDirectory: string;
}

/** Everything that is installed. `dist` holds what the build has made. */
export function packageFiles(dist: string, { zshDirectory }: Conventions): readonly PackageFile[] {
  const doc = `share/doc/${PACKAGE_NAME}`;
  return [
    ...EXECUTABLES.map((name) => copy(join(dist, name), `${LIBRARY}/${name}`, 0o755)),
    ...LOADED.map((name) => copy(join(dist, name), `${LIBRARY}/${name}`, 0o644)),
    ...COMMANDS.map((name) => link(`bin/${name}`, `../${LIBRARY}/${name}`)),
    ...manualPages(),
    ...completions("bash", "share/bash-completion/completions"),
    ...completions("zsh", zshDirectory),
    ...completions("fish", "share/fish/vendor_completions.d"),
    { path: `${doc}/copyright`, mode: 0o644, content: { bytes: copyrightText() } },
    ...["README.md", ...documents()].map((name) => copy(inProject(name), `${doc}/${name}`, 0o644)),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function copy(from: string, path: string, mode: number): PackageFile {
  return { path, mode, content: { copyOf: from } };
}

function link(path: string, linkTo: string): PackageFile {
  return { path, mode: 0o777, content: { linkTo } };
}

function inProject(path: string): string {
  return join(PROJECT_ROOT, path);
}

/** As man(1) looks for them: by section, compressed. */
function manualPages(): readonly PackageFile[] {
  return readdirSync(inProject("docs/man")).map((name) => {
    const bytes = gzipSync(readFileSync(inProject(`docs/man/${name}`)), { level: 9 });
    return {
      path: `share/man/man${name.slice(name.lastIndexOf(".") + 1)}/${name}.gz`,
      mode: 0o644,
      content: { bytes },
    };
  });
}

function completions(shell: string, directory: string): readonly PackageFile[] {
  const from = `docs/completions/${shell}`;
  return readdirSync(inProject(from)).map((name) => copy(inProject(`${from}/${name}`), `${directory}/${name}`, 0o644));
}

function documents(): readonly string[] {
  const names = readdirSync(inProject("docs")).filter((name) => name.endsWith(".md"));
  return names.map((name) => `docs/${name}`);
}
