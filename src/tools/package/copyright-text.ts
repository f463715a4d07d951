import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../project-root.ts";

/** What the executables contain of others, with the notices that their licences ask for. */
export function copyrightText(): string {
  // package.json is this project's own: npm has checked it.
  const { dependencies } = JSON.parse(readProject("package.json")) as {
    dependencies: Readonly<Record<string, string>>;
  };
  const parts = Object.entries(dependencies).map(([name, version]) => notice(`${name} ${version}`, licenceOf(name)));
  return [OWN, notice("Bun, in the engines", readProject("src/tools/package/bun-notice.txt")), ...parts].join("\n");
}

const OWN = `mydocker-runtime is licensed under the Apache License, version 2.0. On Debian systems its text is in
/usr/share/common-licenses/Apache-2.0; elsewhere see http://www.apache.org/licenses/LICENSE-2.0

The executables contain the following works of others.
`;

function notice(title: string, text: string): string {
  return `${"-".repeat(80)}\n${title}\n\n${text.trim()}\n`;
}

function licenceOf(name: string): string {
  const directory = `node_modules/${name}`;
  const file = readdirSync(join(PROJECT_ROOT, directory)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`no licence in ${directory}`);
  return readProject(`${directory}/${file}`);
}

function readProject(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), "utf8");
}
