import assert from "node:assert/strict";
import { basename } from "node:path";
import { containerTest } from "../helpers/container-test.ts";
import { ENGINES, runLibraryProgram } from "../helpers/library-program.ts";
import { needsOurs } from "../helpers/needs.ts";
import { probeArgs } from "../helpers/probe.ts";
import type { TestBox } from "../helpers/test-box.ts";

const OURS = { needs: [needsOurs] };
const LIVES = 40;

for (const [engine, many] of ENGINES) {
  containerTest(
    `${many} containers in the foreground leave ${basename(engine)} free to read files`,
    async (box) => {
      sleeping(box);
      const ids = Array.from({ length: many }, (_, index) => box.otherId(String(index)));
      const body = `
        import { readFile } from "node:fs/promises";
        const ids = ${JSON.stringify(ids)};
        const runs = ids.map((id) => lib.runContainer(context, { id, bundle }));
        const isRunning = async (id) => (await lib.containerState(context, { id })).status === "running";
        for (const id of ids) while (!(await isRunning(id).catch(() => false))) await new Promise((next) => setTimeout(next, 20));
        print((await readFile("/proc/version", "utf8")).startsWith("Linux"));
        for (const id of ids) await lib.killContainer(context, { id, signal: "KILL" });
        print([...new Set(await Promise.all(runs))]);
        print(await lib.listContainers(context));`;
      assert.deepEqual(await runLibraryProgram(box, body, engine), [true, [137], []]);
    },
    OURS,
  );

  containerTest(
    `an aborted signal ends a container, one that is made, and a process on ${basename(engine)}`,
    async (box) => {
      sleeping(box);
      const body = `
        const reasonOf = (promise) => promise.then((status) => status, (error) => error.message);
        const aborted = (call) => {
          const controller = new AbortController();
          const outcome = reasonOf(call(controller.signal));
          return async (isUnderWay) => {
            while (!(await isUnderWay().catch(() => false))) await new Promise((next) => setTimeout(next, 5));
            controller.abort(new Error("enough"));
            print(await outcome);
          };
        };
        const statusIs = (status) => async () => (await lib.containerState(context, { id })).status === status;
        await aborted((signal) => lib.runContainer(context, { id, bundle, signal }))(statusIs("running"));
        await aborted((signal) => lib.runContainer(context, { id, bundle, signal }))(async () => true);
        print(await lib.listContainers(context));
        print(await reasonOf(lib.createContainer(context, { id, bundle, signal: AbortSignal.abort(new Error("before")) })));
        await lib.createContainer(context, { id, bundle });
        await lib.startContainer(context, { id });
        const sleep = { args: ${JSON.stringify(["/probe", ...probeArgs(["sleep", "60000"])])} };
        const pids = () => lib.containerPids(context, { id });
        await aborted((signal) => lib.execInContainer(context, { id, process: sleep, signal }))(async () => (await pids()).length === 2);
        print((await pids()).length);
        await lib.deleteContainer(context, { id, force: true });`;
      const expected = ["enough", "enough", [], "before", "enough", 1];
      assert.deepEqual(await runLibraryProgram(box, body, engine), expected);
      await box.assertNoTraces();
    },
    OURS,
  );
}

containerTest(
  "a signal that is aborted while a hook runs undoes what was made",
  async (box) => {
    box.config.hooks = { createRuntime: [{ path: "/bin/sleep", args: ["sleep", "1000"] }] };
    const body = `
      import { readFileSync } from "node:fs";
      const name = (pid) => { try { return readFileSync("/proc/" + pid + "/comm", "utf8"); } catch { return ""; } };
      const children = (pid) => readFileSync(\`/proc/\${pid}/task/\${pid}/children\`, "utf8").split(" ").filter(Boolean);
      const controller = new AbortController();
      const made = lib.createContainer(context, { id, bundle, signal: controller.signal });
      const isInHook = () => children(process.pid).flatMap(children).some((pid) => name(pid) === "sleep\\n");
      while (!isInHook()) await new Promise((next) => setTimeout(next, 5));
      controller.abort(new Error("enough"));
      print(await made.catch((error) => error.message));`;
    assert.deepEqual(await runLibraryProgram(box, body), ["enough"]);
    await box.assertNoTraces();
  },
  OURS,
);

containerTest(
  `${LIVES} lives leave no descriptor, process, listener or memory behind in the caller`,
  async (box) => {
    box.setCommands(["ids"]);
    const body = `
      import { readdirSync, readFileSync } from "node:fs";
      const children = \`/proc/self/task/\${process.pid}/children\`;
      const look = () => ({
        fds: readdirSync("/proc/self/fd").length,
        children: readFileSync(children, "utf8"),
        listeners: process.eventNames().map((name) => process.listenerCount(name)),
      });
      const life = async () => {
        await lib.createContainer(context, { id, bundle });
        await lib.deleteContainer(context, { id, force: true });
      };
      for (let count = 0; count < 5; count++) await life();
      const [before, memory] = [look(), process.memoryUsage().rss];
      for (let count = 0; count < ${LIVES}; count++) await life();
      print([before, look()]);
      print(process.memoryUsage().rss - memory);`;
    const [looks, growth] = (await runLibraryProgram(box, body)) as [readonly [unknown, unknown], number]; // as printed
    assert.deepEqual(looks[1], looks[0]);
    assert.ok(growth < 64 << 20, `${growth} bytes more`);
  },
  OURS,
);

containerTest(
  "failures are of the types that say what they are about",
  async (box) => {
    sleeping(box);
    const body = `
      const kindOf = async (promise) => {
        const error = await promise.then(() => undefined, (caught) => caught);
        const names = ["ConfigError", "UsageError", "StateError", "SystemError", "RuntimeError"];
        return [names.find((name) => error instanceof lib[name]), error?.code];
      };
      await lib.createContainer(context, { id, bundle });
      print(await kindOf(lib.createContainer(context, { id, bundle })));
      print(await kindOf(lib.resumeContainer(context, { id })));
      print(await kindOf(lib.killContainer(context, { id, signal: "NOPE" })));
      print(await kindOf(lib.startContainer(context, { id: "missing" })));
      print(await kindOf(lib.createContainer(context, { id: "a/b", bundle })));
      print(await kindOf(lib.createContainer(context, { id: "x", bundle: "/dev" })));
      print(await kindOf(lib.updateContainer(context, { id, resources: { value: { pids: { limit: "many" } } } })));
      print(await kindOf(lib.createContainer({ ...context, root: "/proc/self/none" }, { id: "x", bundle })));
      await lib.deleteContainer(context, { id, force: true });`;
    assert.deepEqual(await runLibraryProgram(box, body), [
      ["StateError", "ERR_CONTAINER_EXISTS"],
      ["StateError", "ERR_CONTAINER_STATUS"],
      ["UsageError", "ERR_USAGE"],
      ["StateError", "ERR_CONTAINER_NOT_FOUND"],
      ["StateError", "ERR_INVALID_ID"],
      ["RuntimeError", "ERR_BUNDLE"],
      ["ConfigError", "ERR_CONFIG_INVALID"],
      ["SystemError", "ERR_SYSTEM"],
    ]);
  },
  OURS,
);

function sleeping(box: TestBox): void {
  box.setCommands(["sleep", "60000"]);
}
