import assert from "node:assert/strict";
import { engineTest } from "../helpers/engine-test.ts";
import { Terminal } from "../helpers/terminal.ts";
import { until } from "../helpers/until.ts";

engineTest(
  "events tells each thing once, in docker's order and with its attributes, also what came before",
  async (box) => {
    const volume = ["-v", "data:/data:ro"];
    const id = await box.ok("run", "-dit", "--name", "one", ...volume, "--network", "none", "base", "sh");
    const told = box.start([
      "events",
      "--since",
      "10m",
      "--format",
      "{{.Type}} {{.Action}} {{json .Actor.Attributes}}",
    ]);
    const terminal = Terminal.run(30, 100, box.argv("attach", "one"));
    await terminal.waitFor(/# /);
    terminal.type("\u0010\u0011");
    await terminal.ended();
    await box.ok("rm", "-f", "one");
    await box.ok("volume", "rm", "data");
    await until("the last event is told", () => told.stdout.includes("volume destroy"));
    process.kill(told.pid, "SIGTERM");
    await told.ended;
    const self = { image: "base", name: "one" };
    const none = { container: id, name: "none", type: "null" };
    const mount = { container: id, destination: "/data", propagation: "", "read/write": "false", driver: "local" };
    assert.deepEqual(told.stdout.trimEnd().split("\n").map(parsed), [
      ["volume create", { driver: "local" }],
      ["container create", self],
      ["network connect", none],
      ["volume mount", mount],
      ["container start", self],
      ["container attach", self],
      ["container detach", self],
      ["container kill", { ...self, signal: "9" }],
      ["container die", { ...self, exitCode: "137" }],
      ["network disconnect", none],
      ["volume unmount", { container: id, driver: "local" }],
      ["container destroy", self],
      ["volume destroy", { driver: "local" }],
    ]);
  },
);

function parsed(line: string): readonly [string, unknown] {
  const at = line.indexOf("{");
  return [line.slice(0, at - 1), JSON.parse(line.slice(at))];
}
