import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { generateDocs } from "../../../src/tools/generate-docs.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";

const DOCS = generateDocs();
const COMMAND = "mydocker-runtime";

test("docs/man and docs/completions are what generate-docs writes", () => {
  for (const { path, text } of DOCS) assert.equal(readFileSync(join(PROJECT_ROOT, path), "utf8"), text, path);
  const directories = new Set(DOCS.map(({ path }) => dirname(path)));
  const found = [...directories].flatMap((directory) =>
    readdirSync(join(PROJECT_ROOT, directory)).map((name) => join(directory, name)),
  );
  assert.deepEqual(found.sort(), DOCS.map(({ path }) => path).sort());
});

test("the manual pages are clean for groff", (context) => {
  if (!isInstalled("groff")) return context.skip("groff is not installed");
  for (const { path } of DOCS.filter((doc) => doc.path.endsWith(".8"))) {
    const { status, stderr } = spawnSync("groff", ["-man", "-ww", "-z", join(PROJECT_ROOT, path)], {
      encoding: "utf8",
    });
    assert.deepEqual([path, status, stderr], [path, 0, ""]);
  }
});

test("the completion for zsh is good syntax", (context) => {
  if (!isInstalled("zsh")) return context.skip("zsh is not installed");
  const { status, stderr } = spawnSync("zsh", ["-n", completionPath("zsh")], { encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
});

/** What is offered for the last word of a line, and some of what is not. */
const CASES: readonly (readonly [line: string, offered: readonly string[], missing?: readonly string[]])[] = [
  ["", ["create", "delete", "help", "list", "state"], ["report-failure", "web1"]],
  ["cr", ["create"], ["run"]],
  ["--ro", ["--root", "--rootless"], ["--log"]],
  ["--log-format ", ["json", "text"], ["create"]],
  ["--log-format json s", ["start", "state"], ["json"]],
  ["help st", ["start", "state"], ["kill"]],
  ["create --pi", ["--pid-file", "--pidfd-socket"], ["--bundle"]],
  ["create --log-l", ["--log-level"]],
  ["create ", [], ["web1", "db"]],
  ["delete ", ["web1", "web2", "db"], ["TERM"]],
  ["delete --force w", ["web1", "web2"], ["db"]],
  ["delete -f w", ["web1", "web2"]],
  ["delete web1 ", [], ["web2"]],
  ["--root /other delete ", ["far1"], ["web1"]],
  ["kill web1 T", ["TERM", "TRAP", "TSTP"], ["HUP", "web1"]],
  ["kill -a web1 TER", ["TERM"]],
  ["list --format ", ["json", "table"], ["text"]],
  ["list -f t", ["table"], ["json"]],
  ["spec --rootless --b", ["--bundle"]],
];

/** A script that prints, one a line, what a shell offers for the last word of a line. */
type Completer = (line: string) => readonly [program: string, ...args: string[]];

const COMPLETERS: Readonly<Record<string, Completer>> = { bash: bashCompleter, fish: fishCompleter };

for (const [shell, completer] of Object.entries(COMPLETERS)) {
  describe(`the completion for ${shell}`, { skip: isInstalled(shell) ? false : `${shell} is not installed` }, () => {
    let directory = "";
    before(() => {
      directory = mkdtempSync(join(tmpdir(), "mydocker-completion-"));
      writeFileSync(join(directory, COMMAND), FAKE_RUNTIME);
      chmodSync(join(directory, COMMAND), 0o755);
    });
    after(() => rmSync(directory, { recursive: true }));

    for (const [line, offered, missing = []] of CASES) {
      test(`offers ${offered.join(", ") || "nothing"} for "${line}"`, () => {
        const [program, ...args] = completer(line);
        const env = { ...process.env, HOME: directory, PATH: `${directory}:${process.env.PATH}` };
        const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env, cwd: directory });
        const words = stdout.split("\n").map((word) => word.split("\t")[0]);
        for (const word of offered) assert.ok(words.includes(word), `${word} is not offered: ${words} ${stderr}`);
        for (const word of missing) assert.ok(!words.includes(word), `${word} is offered`);
        assert.equal(stderr, "");
      });
    }
  });
}

test("the completion for bash completes a value behind =, which readline takes for a word of its own", () => {
  for (const line of ["--log-format = j", "create --log-format = j"]) {
    const [program, ...args] = bashCompleter(line);
    assert.equal(spawnSync(program, args, { encoding: "utf8" }).stdout, "json\n");
  }
  const [program, ...args] = bashCompleter("--log-format =");
  assert.equal(spawnSync(program, args, { encoding: "utf8" }).stdout, "text\njson\n");
});

/** Lists other containers below another root. */
const FAKE_RUNTIME = `#!/bin/sh
case "$*" in
"--root /other list --quiet") echo far1 ;;
"list --quiet") printf 'web1\\nweb2\\ndb\\n' ;;
*) exit 1 ;;
esac
`;

function bashCompleter(line: string): readonly [string, ...string[]] {
  const words = [COMMAND, ...line.split(" ")];
  // Outside of readline compopt fails, and says so.
  const script = `source "$1"; shift; compopt() { :; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mydocker_runtime; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return ["bash", "--norc", "-c", script, "bash", completionPath("bash"), ...words];
}

function fishCompleter(line: string): readonly [string, ...string[]] {
  return [
    "fish",
    "--no-config",
    "-c",
    'source $argv[1]; complete -C "$argv[2]"',
    completionPath("fish"),
    `${COMMAND} ${line}`,
  ];
}

function completionPath(shell: string): string {
  const doc = DOCS.find(({ path }) => path.startsWith(`docs/completions/${shell}/`));
  return join(PROJECT_ROOT, doc?.path ?? "");
}

function isInstalled(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}
