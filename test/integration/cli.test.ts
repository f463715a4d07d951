import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { needsExecutable, needsOurs } from "../helpers/needs.ts";
import type { ProgramResult } from "../helpers/run-program.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const OURS = { needs: [needsOurs] };
const VERBS = ["create", "start", "state", "kill", "delete", "run", "list", "spec"];

for (const flag of ["--version", "-v"]) {
  containerTest(
    `${flag} prints the lines that callers look for`,
    async (box) => {
      const { stdout, stderr, status } = await box.runtime([flag]);
      assert.deepEqual({ stderr, status }, { stderr: "", status: 0 });
      const [name, ...lines] = stdout.split("\n");
      assert.match(name ?? "", /^(mydocker-runtime|runc) version \d+\.\d+\.\d+/);
      assert.ok(lines.some((line) => line.startsWith("commit: ")));
      assert.ok(lines.some((line) => /^spec: 1\.\d+\.\d+/.test(line)));
    },
    { peerDeviations: { runc: "Debian's has no commit", crun: "has other lines" } },
  );
}

for (const verb of VERBS) {
  containerTest(`${verb} --help prints how to use it`, async (box) => {
    const { stdout, status } = await box.runtime([verb, "--help"]);
    assert.equal(status, 0);
    assert.ok(stdout.includes(verb), stdout);
  });
}

containerTest(
  "plan --help prints how to use it",
  async (box) => {
    const { stdout, status } = await box.runtime(["plan", "--help"]);
    assert.equal(status, 0);
    assert.match(stdout, /--format/);
  },
  OURS,
);

containerTest("--help names the verbs", async (box) => {
  const { stdout, status } = await box.runtime(["--help"]);
  assert.equal(status, 0);
  for (const verb of VERBS) assert.match(stdout, new RegExp(`^\\s+${verb}\\b`, "m"));
});

const MISUSES: readonly (readonly string[])[] = [
  ["nosuchverb"],
  ["create", "--nosuchflag", "id"],
  ["--nosuchflag", "list"],
  ["create"],
  ["start"],
  ["state", "one", "two"],
  ["kill"],
  ["delete"],
  ["list", "--format"],
  ["create", "--preserve-fds", "many", "id"],
  ["create", "--preserve-fds", "-1", "id"],
];

for (const words of MISUSES) {
  containerTest(
    `"${words.join(" ")}" is refused with a word about it`,
    async (box) => {
      const { status, stdout, stderr } = await box.runtime(words);
      assert.notEqual(status, 0);
      assert.equal(stdout, "");
      assert.notEqual(stderr, "");
    },
    { peerDeviations: { runc: "takes some for questions about usage", crun: "takes some for numbers" } },
  );
}

containerTest(
  "a misspelt verb is answered with the nearest one",
  async (box) => {
    assert.match((await box.runtime(["strat", "id"])).stderr, /start/);
  },
  OURS,
);

containerTest("--log-format json writes one entry for a failure, with level, msg and time", async (box) => {
  box.config.process.args = ["nosuch"];
  const [entry, ...others] = await logOf(box, ["--log-format", "json"]);
  assert.deepEqual(others, []);
  const { level, msg, time } = JSON.parse(entry ?? "");
  assert.equal(level, "error");
  assert.match(msg, /nosuch/);
  assert.ok(!msg.includes("\n"));
  assert.ok(!Number.isNaN(Date.parse(time)));
});

containerTest("--debug adds entries, and the last error is the failure all the same", async (box) => {
  box.config.process.args = ["nosuch"];
  const entries = (await logOf(box, ["--log-format", "json", "--debug"])).map((line) => JSON.parse(line));
  const errors = entries.filter(({ level }) => level === "error");
  assert.match(errors.at(-1).msg, /nosuch/);
});

containerTest("--log appends", async (box) => {
  writeFileSync(box.path("log"), "before\n");
  box.config.process.args = ["nosuch"];
  const [first, ...rest] = await logOf(box, []);
  assert.equal(first, "before");
  assert.equal(rest.length, 1);
  assert.match(rest[0] ?? "", /nosuch/);
});

containerTest("nothing is logged on the way to success", async (box) => {
  box.setCommands(["exit", "0"]);
  box.writeConfig();
  const log = box.path("log");
  assertSuccess(await box.runtime(["--log", log, "--log-format", "json", "run", "--bundle", box.bundle, box.id]));
  assert.equal(readIfThere(log), "");
});

containerTest(
  "verbs work in a directory that has been removed, and name what is missing there",
  async (box) => {
    const gone = box.path("gone");
    box.setCommands(["exit", "3"]);
    box.writeConfig();
    const inGone = (...args: readonly string[]): Promise<ProgramResult> => {
      mkdirSync(gone);
      return box.program(["sh", "-c", 'cd "$0" && rmdir "$0" && exec "$@"', gone, ...box.argv(args)]);
    };
    assert.equal((await inGone("run", "--bundle", box.bundle, box.id)).status, 3);
    assert.equal((await inGone("features")).status, 0);
    const relative = await inGone("run", box.id);
    assert.equal(relative.status, 1);
    assert.match(relative.stderr, /config\.json": it does not exist/);
  },
  { needs: [needsOurs] },
);

containerTest("an unknown log format is refused", async (box) => {
  assert.notEqual((await box.runtime(["--log-format", "xml", "list"])).status, 0);
});

containerTest(
  "the environment does not lead the program astray",
  async (box) => {
    writeFileSync(box.path("evil.js"), 'require("fs").writeFileSync(process.env.MARK, "x")');
    box.setCommands(["cwd"]);
    const env = {
      BUN_OPTIONS: `--preload ${box.path("evil.js")}`,
      BUN_BE_BUN: "1",
      NODE_OPTIONS: `--require ${box.path("evil.js")}`,
      MARK: box.path("mark"),
    };
    const result = await box.run([], { env });
    assert.deepEqual(box.reports(result.stdout, ["cwd"]), ["/"]);
    assert.equal(readIfThere(box.path("mark")), "");
  },
  { needs: [needsExecutable] },
);

containerTest(
  "the directory that the program runs in brings it neither settings nor code",
  async (box) => {
    const evil = `require("fs").appendFileSync("${box.path("mark")}", __filename)`;
    const files: Readonly<Record<string, string>> = {
      "bunfig.toml": 'preload = ["./evil.js"]\n[run]\nbun = true\n',
      ".env": "PATH=/nowhere\nBUN_BE_BUN=1\nBUN_OPTIONS=--preload=./evil.js\nNODE_OPTIONS=--require=./evil.js\n",
      "package.json":
        '{"main":"./evil.js","type":"module","imports":{"commander":"./evil.js"},"bun":{"preload":"./evil.js"}}',
      "tsconfig.json": '{"compilerOptions":{"baseUrl":".","paths":{"*":["./evil.js"]}}}',
      "evil.js": evil,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(`${box.bundle}/${name}`, text);
    for (const name of ["commander", "koffi", "node:fs", "fs"]) {
      mkdirSync(`${box.bundle}/node_modules/${name}`, { recursive: true });
      writeFileSync(`${box.bundle}/node_modules/${name}/index.js`, evil);
    }
    box.setCommands(["env"]);
    box.writeConfig();
    for (const args of [["run", box.id], ["--help"], ["list"], ["features"]]) {
      assertSuccess(await box.runtime(args, { cwd: box.bundle }));
      assert.equal(readIfThere(box.path("mark")), "", args.join(" "));
    }
  },
  OURS,
);

/** The lines of the log of a run that fails. */
async function logOf(box: TestBox, flags: readonly string[]): Promise<readonly string[]> {
  box.writeConfig();
  const result = await box.runtime(["--log", box.path("log"), ...flags, "run", "--bundle", box.bundle, box.id]);
  assert.notEqual(result.status, 0);
  return readFileSync(box.path("log"), "utf8").trim().split("\n");
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
