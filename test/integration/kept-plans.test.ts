import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import { containerTest } from "../helpers/container-test.ts";
import { needsExecutable, needsProgram } from "../helpers/needs.ts";
import { probeArgs } from "../helpers/probe.ts";
import { readTraces, straceArgv, type TracedCall } from "../helpers/strace.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const NEEDS = { needs: [needsExecutable, needsProgram("strace")] };
const DIGEST = "0123456789abcdef".repeat(4);
const OTHER_DIGEST = "fedcba9876543210".repeat(4);

/** What a verb did: whether it needed the engine, the plan that was carried out, and what the caller saw. */
interface Observed {
  readonly usedEngine: boolean;
  readonly image: string;
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

let traces = 0;

async function observe(box: TestBox, args: readonly string[], env: Record<string, string> = {}): Promise<Observed> {
  const prefix = `trace-${traces++}`;
  const argv = straceArgv(box.path(prefix), ["execve", "write"], box.argv(args));
  const result = await box.program(argv, { env: { MYDOCKER_PLAN_CACHE: plansOf(box), ...env } });
  const calls = [...readTraces(box.directory, prefix).values()].flat();
  const isEngine = ({ name, text, result: returned }: TracedCall): boolean =>
    name === "execve" && text.includes("mydocker-runtime-engine") && returned === 0;
  const image = calls.find(({ name, args: [, text = ""] }) => name === "write" && text.startsWith("mydocker-plan\0"));
  return { ...result, usedEngine: calls.some(isEngine), image: image?.args[1] ?? "" };
}

function plansOf(box: TestBox): string {
  return box.path("plans");
}

/** What there is of entries: a new one in the place of another shows. */
function entriesOf(box: TestBox): string {
  if (!existsSync(plansOf(box))) return "";
  const names = readdirSync(plansOf(box)).filter((name) => name !== "seen");
  return names.map((name) => `${name} ${statSync(join(plansOf(box), name)).ino}`).join("\n");
}

function runArgs(box: TestBox, id = box.id): readonly string[] {
  box.writeConfig();
  return ["run", "--bundle", box.bundle, id];
}

/** Runs until the plan is kept: seen, kept, used. */
async function keepRun(box: TestBox, flags: readonly string[] = []): Promise<Observed> {
  for (const time of ["first", "second"]) {
    const { usedEngine, status } = await observe(box, [...flags, ...runArgs(box)]);
    assert.deepEqual({ usedEngine, status }, { usedEngine: true, status: 0 }, time);
  }
  const third = await observe(box, [...flags, ...runArgs(box)]);
  assert.equal(third.usedEngine, false);
  return third;
}

function timelessLog(log = ""): string {
  return log.replace(/time="?[^" ]*"?/, "");
}

/** A plan without the time at which it was made. */
function timeless(image: string): string {
  return image.replace(/"created":"[^"]*"/, "");
}

describe("a kept plan", () => {
  containerTest(
    "is the plan that the engine compiles",
    async (box) => {
      box.config.annotations = { digest: DIGEST };
      box.config.hostname = DIGEST.slice(0, 12);
      box.config.hooks = { poststart: [{ path: "/bin/true", args: ["true", DIGEST] }] };
      box.setCommands(["print", "hello"]);
      const kept = await keepRun(box);
      const compiled = await observe(box, runArgs(box), { MYDOCKER_PLAN_CACHE: "off" });
      assert.deepEqual(
        { usedEngine: compiled.usedEngine, stdout: compiled.stdout },
        { usedEngine: true, stdout: kept.stdout },
      );
      assert.ok(kept.image.length > 1000);
      assert.equal(timeless(kept.image), timeless(compiled.image));
      await box.assertNoTraces();
    },
    NEEDS,
  );

  containerTest(
    "serves other containers, each with what is its own",
    async (box) => {
      box.config.process.env = ["PATH=/", `DIGEST=${DIGEST}`];
      box.config.annotations = { made: "2026-01-31T12:00:00.123456789Z" };
      box.config.hostname = DIGEST.slice(0, 12);
      box.setCommands(["cat", "/proc/self/environ"], ["cat", "/proc/sys/kernel/hostname"]);
      const own = await keepRun(box);
      assert.ok(own.stdout.includes(DIGEST));
      box.config.process.env = ["PATH=/", `DIGEST=${OTHER_DIGEST}`];
      box.config.annotations = { made: "2026-02-28T23:59:60.987654321Z" };
      box.config.hostname = OTHER_DIGEST.slice(0, 12);
      const id = `${box.id.slice(0, -1)}-`;
      const other = await observe(box, runArgs(box, id));
      assert.equal(other.usedEngine, false);
      assert.equal(
        other.stdout,
        own.stdout.replaceAll(DIGEST, OTHER_DIGEST).replace(DIGEST.slice(0, 12), OTHER_DIGEST.slice(0, 12)),
      );
      const compiled = await observe(box, runArgs(box, id), { MYDOCKER_PLAN_CACHE: "off" });
      assert.equal(timeless(other.image), timeless(compiled.image));
    },
    NEEDS,
  );

  containerTest(
    "of a create leaves what the engine leaves",
    async (box) => {
      box.setCommands(["sleep", "60000"]);
      box.writeConfig();
      const pidFile = box.path("pid");
      const args = ["create", "--bundle", box.bundle, "--pid-file", pidFile, box.id];
      const left: string[] = [];
      for (const usesEngine of [true, true, false]) {
        // Without what it starts, which stays.
        const trace = box.path("create");
        const argv = ["strace", "-qq", "-e", "trace=execve", "-o", trace, ...box.argv(args)];
        assertSuccess(await box.program(argv, { env: { MYDOCKER_PLAN_CACHE: plansOf(box) } }));
        assert.equal(readFileSync(trace, "utf8").includes("mydocker-runtime-engine"), usesEngine);
        assert.equal(readFileSync(pidFile, "utf8"), String((await box.state()).pid));
        left.push(leftBy(box));
        assertSuccess(await box.runtime(["start", box.id]));
        assertSuccess(await box.runtime(["delete", "--force", box.id]));
      }
      assert.equal(left[2], left[0]);
    },
    NEEDS,
  );

  containerTest(
    "of an exec joins the container that is there now",
    async (box) => {
      for (const usesEngine of [true, true, false, false]) {
        await box.started(["sleep", "60000"]);
        const words = probeArgs(["print", "inside"], ["cat", "/proc/1/comm"], ["exit", "7"]);
        const { usedEngine, status, stdout } = await observe(box, ["exec", box.id, "/probe", ...words]);
        assert.deepEqual({ usedEngine, status }, { usedEngine: usesEngine, status: 7 });
        assert.match(stdout, /^inside/);
        await box.must("delete", "--force");
      }
    },
    NEEDS,
  );

  containerTest(
    "of an exec is for running containers only",
    async (box) => {
      await box.started(["sleep", "60000"]);
      const args = ["exec", box.id, "/probe", ...probeArgs(["exit", "0"])];
      for (let time = 0; time < 3; time++) await observe(box, args);
      await box.must("pause");
      const { usedEngine, status, stderr } = await observe(box, args);
      assert.deepEqual({ usedEngine, status }, { usedEngine: true, status: 255 });
      assert.match(stderr, /cannot exec in a paused container/);
      await box.must("resume");
      assert.equal((await observe(box, args)).usedEngine, false);
    },
    NEEDS,
  );
});

/** The files of a container's state, without what is another at each time. */
function leftBy(box: TestBox): string {
  const directory = join(box.stateRoot, box.id);
  const files = readdirSync(directory).sort();
  const texts = files.map((name) => (name.endsWith(".sock") ? name : readFileSync(join(directory, name), "utf8")));
  return texts.join("\n").replace(/"(pid|startTime)":\d+|"created":"[^"]*"/g, "");
}

describe("no kept plan", () => {
  containerTest(
    "is used for another config, other rights, or a caller that is a service with sockets",
    async (box) => {
      box.setCommands(["exit", "0"]);
      await keepRun(box);
      const limited = straceArgv(
        box.path("rights"),
        ["execve"],
        ["setpriv", "--bounding-set", "-sys_time", ...box.argv(runArgs(box))],
      );
      assertSuccess(await box.program(limited, { env: { MYDOCKER_PLAN_CACHE: plansOf(box) } }));
      const calls = [...readTraces(box.directory, "rights").values()].flat();
      assert.ok(calls.some(({ text }) => text.includes("mydocker-runtime-engine")));
      assert.equal((await observe(box, runArgs(box), { LISTEN_FDS: "0" })).usedEngine, true);
      assert.equal((await observe(box, runArgs(box), { NOTIFY_SOCKET: box.path("none") })).usedEngine, true);
      assert.equal((await observe(box, runArgs(box))).usedEngine, false);
      box.config.hostname = "another";
      assert.equal((await observe(box, runArgs(box))).usedEngine, true);
    },
    { needs: [...NEEDS.needs, needsProgram("setpriv")] },
  );

  containerTest(
    "is made where a warning is to be told each time",
    async (box) => {
      box.setCommands(["exit", "0"]);
      Object.assign(box.config.linux ?? {}, { unknownProperty: 1 });
      for (let time = 0; time < 4; time++) {
        const { usedEngine, stderr } = await observe(box, runArgs(box));
        assert.equal(usedEngine, true);
        assert.match(stderr, /unknownProperty/);
      }
    },
    NEEDS,
  );

  containerTest(
    "hides a failure: its words and its traces are the engine's",
    async (box) => {
      box.setCommands(["exit", "0"]);
      const rootfs = box.inRootfs("probe");
      const logging = (log: string): readonly string[] => ["--log", box.path(log)];
      await keepRun(box, logging("log-a"));
      const probe = readFileSync(rootfs);
      rmSync(rootfs);
      const kept = await observe(box, [...logging("log-b"), ...runArgs(box)]);
      const compiled = await observe(box, [...logging("log-c"), ...runArgs(box)], { MYDOCKER_PLAN_CACHE: "off" });
      assert.deepEqual([kept.usedEngine, existsSync(box.path("log-a"))], [true, false]);
      const [keptLog, compiledLog] = ["log-b", "log-c"].map((name) => readFileSync(box.path(name), "utf8"));
      assert.match(keptLog ?? "", /level=error/);
      assert.equal(timelessLog(keptLog), timelessLog(compiledLog));
      assert.notEqual(kept.status, 0);
      assert.deepEqual([kept.status, kept.stderr], [compiled.status, compiled.stderr]);
      await box.assertNoTraces();
      writeFileSync(rootfs, probe, { mode: 0o755 });
      mkdirSync(join(box.stateRoot, box.id));
      const refused = await observe(box, runArgs(box));
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /already exists/);
      rmSync(join(box.stateRoot, box.id), { recursive: true });
    },
    NEEDS,
  );

  containerTest(
    "does not drive others out for ever, wherever theirs are",
    async (box) => {
      await box.started(["sleep", "600000"]);
      const codes = Array.from({ length: 24 }, (_, index) => index + 1);
      let [before, after] = ["", entriesOf(box)];
      for (let round = 0; round < 12 && (after.split("\n").length < codes.length || before !== after); round++) {
        for (const code of codes) {
          const result = await box.runtime(["exec", box.id, "/probe", "exit", String(code)], {
            env: { MYDOCKER_PLAN_CACHE: plansOf(box) },
          });
          assert.equal(result.status, code, result.stderr);
        }
        [before, after] = [after, entriesOf(box)];
      }
      assert.equal(after.split("\n").length, codes.length);
      assert.equal(before, after);
    },
    NEEDS,
  );

  const hostile: Readonly<Record<string, (directory: string, entry: string) => void>> = {
    "a directory that others can write to": (directory) => chmodSync(directory, 0o770),
    "a directory of another user": (directory) => chownSync(directory, 1000, 0),
    "an entry of another user": (_, entry) => chownSync(entry, 1000, 0),
    "an entry that others can write to": (_, entry) => chmodSync(entry, 0o620),
    "an entry that is a symbolic link": (directory, entry) => {
      writeFileSync(join(directory, "target"), readFileSync(entry), { mode: 0o600 });
      rmSync(entry);
      symlinkSync("target", entry);
    },
    "a damaged entry": (_, entry) =>
      writeFileSync(entry, readFileSync(entry, "utf8").replace("mydocker-kept", "mydocker-")),
    "an entry with an unknown mark": (_, entry) => writeFileSync(entry, `${readFileSync(entry, "utf8")}\u{1}63\u{2}`),
    "an empty entry": (_, entry) => writeFileSync(entry, ""),
  };
  for (const [what, change] of Object.entries(hostile)) {
    containerTest(
      `is taken from ${what}`,
      async (box) => {
        box.setCommands(["exit", "0"]);
        await keepRun(box);
        const [entry = ""] = readdirSync(plansOf(box)).filter((name) => name !== "seen");
        change(plansOf(box), join(plansOf(box), entry));
        const { usedEngine, status } = await observe(box, runArgs(box));
        assert.deepEqual({ usedEngine, status }, { usedEngine: true, status: 0 });
      },
      NEEDS,
    );
  }

  containerTest(
    "is made where they are turned off, or a file has their directory's name",
    async (box) => {
      box.setCommands(["exit", "0"]);
      for (let time = 0; time < 3; time++) {
        assert.equal((await observe(box, runArgs(box), { MYDOCKER_PLAN_CACHE: "off" })).usedEngine, true);
      }
      assert.equal(existsSync(plansOf(box)), false);
      writeFileSync(plansOf(box), "");
      for (let time = 0; time < 3; time++) assert.equal((await observe(box, runArgs(box))).usedEngine, true);
    },
    NEEDS,
  );
});
