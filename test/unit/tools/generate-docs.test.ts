import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { generateDocs } from "../../../src/tools/generate-docs.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";

const DOCS = generateDocs();
const PROGRAMS = ["mydocker-runtime", "mydocker"] as const;

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
  for (const { path } of DOCS.filter((doc) => doc.path.startsWith("docs/man/"))) {
    const { status, stderr } = spawnSync("groff", ["-man", "-ww", "-z", join(PROJECT_ROOT, path)], {
      encoding: "utf8",
    });
    assert.deepEqual([path, status, stderr], [path, 0, ""]);
  }
});

test("the completion for zsh is good syntax", (context) => {
  if (!isInstalled("zsh")) return context.skip("zsh is not installed");
  for (const program of PROGRAMS) {
    const { status, stderr } = spawnSync("zsh", ["-n", completionPath("zsh", program)], { encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""]);
  }
});

/** What is offered for the last word of a line, and some of what is not. */
type Case = readonly [line: string, offered: readonly string[], missing?: readonly string[]];

const ENGINE_CASES: readonly Case[] = [
  ["", ["run", "ps", "image", "network", "help"], ["exec-failed", "container-ended", "image ls"]],
  ["image ", ["ls", "inspect", "build-base"], ["run"]],
  ["image inspect ", ["base:latest"], ["web1"]],
  ["run ", ["base:latest"], ["web1"]],
  ["run --rm --network ", ["back"], ["base:latest"]],
  ["run --log-driver ", ["json-file", "none"], ["base:latest"]],
  ["run base:latest --r", [], ["--rm"]],
  ["exec web1 ", [], ["web1"]],
  ["rm web1 ", ["web1", "db"], ["base:latest"]],
  ["volume rm ", ["data"], ["web1"]],
  ["network inspect --f", ["--format"], ["--filter"]],
  ["stop --signal TER", ["TERM"], ["web1"]],
  ["--root /other stop ", ["far1"], ["web1"]],
];

const RUNTIME_CASES: readonly Case[] = [
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

const ALL_CASES: readonly (readonly [command: string, Case])[] = [
  ...RUNTIME_CASES.map((one) => ["mydocker-runtime", one] as const),
  ...ENGINE_CASES.map((one) => ["mydocker", one] as const),
];

/** A script that prints, one a line, what a shell offers for the last word of a line. */
type Completer = (command: string, line: string) => readonly [program: string, ...args: string[]];

const COMPLETERS: Readonly<Record<string, Completer>> = { bash: bashCompleter, fish: fishCompleter };

for (const [shell, completer] of Object.entries(COMPLETERS)) {
  describe(`the completion for ${shell}`, { skip: isInstalled(shell) ? false : `${shell} is not installed` }, () => {
    let directory = "";
    before(() => {
      directory = mkdtempSync(join(tmpdir(), "mydocker-completion-"));
      for (const program of PROGRAMS) {
        writeFileSync(join(directory, program), FAKE_PROGRAM);
        chmodSync(join(directory, program), 0o755);
      }
    });
    after(() => rmSync(directory, { recursive: true }));

    for (const [command, [line, offered, missing = []]] of ALL_CASES) {
      test(`offers ${offered.join(", ") || "nothing"} for "${command} ${line}"`, () => {
        const [program, ...args] = completer(command, line);
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
    const [program, ...args] = bashCompleter("mydocker-runtime", line);
    assert.equal(spawnSync(program, args, { encoding: "utf8" }).stdout, "json\n");
  }
  const [program, ...args] = bashCompleter("mydocker-runtime", "--log-format =");
  assert.equal(spawnSync(program, args, { encoding: "utf8" }).stdout, "text\njson\n");
});

/** Lists other containers below another root. */
const FAKE_PROGRAM = `#!/bin/sh
case "$*" in
"--root /other ps --all --format {{.Names}}") echo far1 ;;
"ps --all --format {{.Names}}") printf 'web1\\ndb\\n' ;;
"images --format {{.Repository}}:{{.Tag}}") echo base:latest ;;
"network ls --format {{.Name}}") echo back ;;
"volume ls --quiet") echo data ;;
"--root /other list --quiet") echo far1 ;;
"list --quiet") printf 'web1\\nweb2\\ndb\\n' ;;
*) exit 1 ;;
esac
`;

function bashCompleter(command: string, line: string): readonly [string, ...string[]] {
  const words = [command, ...line.split(" ")];
  // Outside of readline compopt fails, and says so.
  const script = `source "$1"; shift; compopt() { :; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _\${1//-/_}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return ["bash", "--norc", "-c", script, "bash", completionPath("bash", command), ...words];
}

function fishCompleter(command: string, line: string): readonly [string, ...string[]] {
  return [
    "fish",
    "--no-config",
    "-c",
    'source $argv[1]; complete -C "$argv[2]"',
    completionPath("fish", command),
    `${command} ${line}`,
  ];
}

function completionPath(shell: string, command: string): string {
  const names = [command, `_${command}`, `${command}.fish`].map((name) => `docs/completions/${shell}/${name}`);
  const doc = DOCS.find(({ path }) => names.includes(path));
  return join(PROJECT_ROOT, doc?.path ?? "");
}

function isInstalled(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}
