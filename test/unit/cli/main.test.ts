import assert from "node:assert/strict";
import { test } from "node:test";
import { RuntimeError, StateError } from "../../../src/base/errors.ts";
import type { Host } from "../../../src/cli/host.ts";
import { main } from "../../../src/cli/main.ts";
import type { RuntimeApi } from "../../../src/cli/runtime-api.ts";
import type { ContainerState, RuntimeContext } from "../../../src/runtime/index.ts";
import { type FakeHost, fakeHost } from "./fake-host.ts";

const STATE: ContainerState = {
  ociVersion: "1.3.0",
  id: "c1",
  pid: 7,
  status: "running",
  bundle: "/b",
  rootfs: "/b/rootfs",
  created: "2026-11-21T10:00:00Z",
  owner: "root",
};
const GIVEN = { noPivot: false, noNewKeyring: false, preserveFds: 0 };
const ALL_FLAGS =
  "-b bundle --pid-file p --console-socket=/c.sock --pidfd-socket d.sock --no-pivot --no-new-keyring --preserve-fds 2";
const ALL_GIVEN = {
  bundle: "/work/bundle",
  pidFile: "/work/p",
  consoleSocket: "/c.sock",
  pidfdSocket: "/work/d.sock",
  noPivot: true,
  noNewKeyring: true,
  preserveFds: 2,
};

/** Runs a line on a runtime that has one function, and gives what this was called with. */
async function callOf(
  line: string,
  name: keyof RuntimeApi,
  result?: unknown,
  parts: Partial<Host> = {},
): Promise<{ status: number; host: FakeHost; context: RuntimeContext; options: unknown }> {
  let seen: readonly unknown[] = [];
  const host = fakeHost(
    {
      printPlan: async (plan, format) => `${format} ${JSON.stringify(plan)}\n\n`,
      [name]: (...args: readonly unknown[]) => {
        seen = args;
        return result;
      },
    },
    parts,
  );
  const status = await main(line.split(" "), host);
  // Every function of the runtime takes the context first.
  return { status, host, context: seen[0] as RuntimeContext, options: seen[1] };
}

for (const [line, name, options] of [
  ["create c1", "createContainer", { id: "c1", bundle: "/work", ...GIVEN }],
  [`create ${ALL_FLAGS} c1`, "createContainer", { id: "c1", ...ALL_GIVEN }],
  ["create --pid-file= --bundle= c1", "createContainer", { id: "c1", bundle: "/work", ...GIVEN }],
  ["create c1 -bundle /b", "createContainer", { id: "c1", bundle: "/b", ...GIVEN }],
  ["run c1", "runContainer", { id: "c1", bundle: "/work", ...GIVEN, detach: false, keep: false, noSubreaper: false }],
  [
    `run -d --keep -no-subreaper ${ALL_FLAGS} c1`,
    "runContainer",
    { id: "c1", ...ALL_GIVEN, detach: true, keep: true, noSubreaper: true },
  ],
  ["start c1", "startContainer", { id: "c1" }],
  ["kill c1", "killContainer", { id: "c1", signal: "SIGTERM", all: false }],
  ["kill --all c1 9", "killContainer", { id: "c1", signal: "9", all: true }],
  ["kill c1 -9", "killContainer", { id: "c1", signal: "-9", all: false }],
  ["delete c1", "deleteContainer", { id: "c1", force: false }],
  ["delete --force c1", "deleteContainer", { id: "c1", force: true }],
  ["spec", "writeSpec", { bundle: "/work", rootless: false }],
  ["spec -b sub --rootless", "writeSpec", { bundle: "/work/sub", rootless: true }],
  ["report-failure run c1 failure 7", "reportFailure", { verb: "run", id: "c1", record: ["failure", "7"] }],
] as const) {
  test(`"${line}" calls ${name}`, async () => {
    const call = await callOf(line, name);
    assert.deepEqual([call.options, call.status, call.host.written.stderr], [options, 0, ""]);
  });
}

test("run exits with the status of the container's program", async () => {
  assert.equal((await callOf("run c1", "runContainer", Promise.resolve(137))).status, 137);
});

test("report-failure exits with the container's status when the container had one", async () => {
  assert.equal((await callOf("report-failure run c1 warning 7 3", "reportFailure", 3)).status, 3);
});

test("state prints the state", async () => {
  const { host, options } = await callOf("state c1", "containerState", STATE);
  assert.deepEqual([options, JSON.parse(host.written.stdout)], [{ id: "c1" }, STATE]);
});

test("list prints a table, JSON or ids", async () => {
  const entries = [{ state: STATE }];
  const stdout = async (line: string) => (await callOf(line, "listContainers", entries)).host.written.stdout;
  assert.match(await stdout("list"), /^ID +PID .*\nc1 +7 +running /);
  assert.deepEqual(JSON.parse(await stdout("list --format json")), [STATE]);
  assert.equal(await stdout("list -q"), "c1\n");
});

test("plan prints the plan of the verb and the flags given, with one newline at its end", async () => {
  const { host, options } = await callOf("plan --verb run --no-pivot -f json c1", "planBundle", ["step"]);
  assert.equal(host.written.stdout, 'json ["step"]\n');
  assert.deepEqual(options, { id: "c1", bundle: "/work", ...GIVEN, noPivot: true, verb: "run" });
});

test("plan has a name for a container that nobody named", async () => {
  const { options } = await callOf("plan", "planBundle", []);
  assert.deepEqual(options, { id: "container", bundle: "/work", ...GIVEN, verb: "run" });
});

test("the context says where the state is, who makes cgroups and whether the caller is rootless", async () => {
  const context = async (flags: string) => (await callOf(`${flags} state c1`.trim(), "containerState", STATE)).context;
  const { root, handover, rootless, systemdCgroup } = await context("");
  assert.deepEqual(
    { root, handover, rootless, systemdCgroup },
    { root: "/run/mydocker-runtime", handover: "replace", rootless: "auto", systemdCgroup: false },
  );
  assert.equal((await context("--root r")).root, "/work/r");
  assert.equal((await context("--systemd-cgroup")).systemdCgroup, true);
  assert.equal((await context("")).criu, undefined);
  assert.equal((await context("--criu sbin/criu")).criu, "/work/sbin/criu");
  assert.equal((await context("--cgroup-manager systemd")).systemdCgroup, true);
  assert.equal((await context("--rootless=true")).rootless, true);
  assert.equal((await context("--rootless false")).rootless, false);
});

test("the context has the command that reports a failure of the static program", async () => {
  const line = "--root r --log l --log-format json --debug run -d c1";
  const { context } = await callOf(line, "runContainer", 0);
  assert.deepEqual(context.reportArgv, [
    "/usr/bin/mydocker-runtime",
    "--log-format=json",
    "--log-level=warning",
    "--debug",
    "--cgroup-manager=cgroupfs",
    "--rootless=auto",
    "--root=/work/r",
    "--log=/work/l",
    "report-failure",
    "run",
    "c1",
  ]);
});

test("a warning of the runtime goes to the log", async () => {
  const { context, host } = await callOf("--log /l state c1", "containerState", STATE);
  context.warn("unknown property");
  assert.match(host.written.files.get("/l") ?? "", /level=warning msg="unknown property"\n$/);
});

test("--debug says what is done and where", async () => {
  const { host } = await callOf("--debug delete c1", "deleteContainer");
  assert.match(
    host.written.stderr,
    /^time="[^"]+" level=debug msg="version \S+, state root \/run\/\S+: delete \{.*\}"\n$/,
  );
});

const failing = (error: unknown): Partial<RuntimeApi> => ({
  deleteContainer: () => Promise.reject(error),
  containerState: () => {
    throw error;
  },
  reportFailure: () => {
    throw error;
  },
});

test("a failure gives status 1 and is reported once", async () => {
  const error = new StateError("ERR_CONTAINER_NOT_FOUND", 'container "c1" does not exist');
  for (const verb of ["delete", "state"]) {
    const host = fakeHost(failing(error));
    assert.equal(await main([verb, "c1"], host), 1);
    assert.equal(host.written.stderr, 'mydocker-runtime: container "c1" does not exist\n');
  }
});

test("report-failure exits as the verb that failed", async () => {
  const error = new RuntimeError("ERR_STEP", "it broke");
  assert.equal(await main(["report-failure", "run", "c1", "failure"], fakeHost(failing(error))), 1);
  assert.equal(await main(["report-failure", "exec", "c1", "failure"], fakeHost(failing(error))), 255);
});

test("a refused --root is reported as any failure", async () => {
  const host = fakeHost();
  assert.equal(await main(["--root", "/", "list"], host), 1);
  assert.match(host.written.stderr, /--root must be a directory below/);
});

test("a line that commander refuses is reported with the log that it names", async () => {
  const host = fakeHost();
  const line = "--log /l --log-format json create --nonsense c1";
  assert.equal(await main(line.split(" "), host), 1);
  const entry: unknown = JSON.parse(host.written.files.get("/l") ?? "");
  assert.deepEqual(
    [Object(entry).level, Object(entry).code, Object(entry).msg],
    ["error", "ERR_USAGE", 'create: unknown option "--nonsense"; fix: see "mydocker-runtime create --help"'],
  );
  assert.equal(host.written.stdout, "");
});

test("help and version are printed on the standard output, with status 0", async () => {
  for (const [line, start] of [
    ["--help", "Usage: mydocker-runtime [global flags]"],
    ["create --help", "Usage: mydocker-runtime create [flags] <container-id>"],
    ["help kill", "Usage: mydocker-runtime kill [flags] <container-id> [signal]"],
    ["--version", "mydocker-runtime version "],
    ["-v", "mydocker-runtime version "],
  ] as const) {
    const host = fakeHost();
    assert.equal(await main(line.split(" "), host), 0);
    assert.ok(host.written.stdout.startsWith(start), host.written.stdout);
    assert.equal(host.written.stderr, "");
  }
});

test("a line without a verb prints the help on stderr, with status 1", async () => {
  const host = fakeHost();
  assert.equal(await main([], host), 1);
  assert.match(host.written.stderr, /^Usage: /);
  assert.equal(host.written.stdout, "");
});
