import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { runHooks } from "../../../src/apply/hooks.ts";
import { RuntimeError } from "../../../src/base/errors.ts";
import type { Config } from "../../../src/config/types.gen.ts";
import type { StoredState } from "../../../src/state/schema.ts";

type Hook = NonNullable<NonNullable<Config["hooks"]>["poststart"]>[number];

const STATE: StoredState = {
  version: 1,
  phase: "created",
  id: "box",
  ociVersion: "1.3.0",
  pid: 77,
  startTime: 5,
  bundle: "/bundle",
  rootfs: "/bundle/rootfs",
  created: "2026-01-01T00:00:00.000Z",
  owner: "root",
  annotations: { a: "b" },
  cgroup: { v1: {} },
};

let directory = "";
const at = (name: string): string => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "hooks-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A hook that runs a script; `$0` is this test's directory. */
function script(text: string, more: Partial<Hook> = {}): Hook {
  return { path: "/bin/sh", args: ["sh", "-c", text, directory], ...more };
}

function configWith(kind: "poststart" | "poststop", ...hooks: readonly Hook[]): Config {
  return { ociVersion: "1.3.0", hooks: { [kind]: [...hooks] } };
}

const poststart = (...hooks: readonly Hook[]): Promise<void> =>
  runHooks("poststart", configWith("poststart", ...hooks), STATE, "running");

describe("runHooks", () => {
  it("gives each hook the state on its standard input", async () => {
    await poststart(script('cat > "$0/state"'));
    assert.deepEqual(JSON.parse(readFileSync(at("state"), "utf8")), {
      ociVersion: "1.3.0",
      id: "box",
      status: "running",
      pid: 77,
      bundle: "/bundle",
      annotations: { a: "b" },
    });
  });

  it("leaves out the pid of a container that has stopped", async () => {
    const config = configWith("poststop", script('cat > "$0/state"'));
    await runHooks("poststop", config, { ...STATE, pid: 0 }, "stopped");
    const state: unknown = JSON.parse(readFileSync(at("state"), "utf8"));
    assert.deepEqual(Object.keys(state as object), ["ociVersion", "id", "status", "bundle", "annotations"]);
  });

  it("runs the hooks in order, with their own environment, and with the caller's where they have none", async () => {
    const print = 'echo "$NAME:$HOME" >> "$0/order"';
    const hooks = [["NAME=first"], ["NAME=a=b"], []].map((env) => script(print, { env }));
    await poststart(...hooks, script(print));
    assert.equal(readFileSync(at("order"), "utf8"), `first:\na=b:\n:\n:${process.env.HOME ?? ""}\n`);
  });

  it("does nothing where there are none", async () => {
    await runHooks("poststart", { ociVersion: "1.3.0" }, STATE, "running");
  });

  it("goes on with a hook that does not read its input", async () => {
    await poststart({ path: "/bin/true" }, script(': > "$0/second"'));
    assert.ok(existsSync(at("second")));
  });

  const FAILURES: readonly { readonly what: string; readonly hook: Hook; readonly says: RegExp }[] = [
    {
      what: "an exit status",
      hook: script("exit 3"),
      says: /^error running poststart hook #1: "\/bin\/sh" ended with exit status 3$/,
    },
    {
      what: "what it has written, on one line",
      hook: script('echo "no such"; echo luck >&2; exit 1'),
      says: /^error running poststart hook #1: "\/bin\/sh" ended with exit status 1: no such luck$/,
    },
    { what: "a signal", hook: script("kill -TERM $$"), says: /ended with SIGTERM$/ },
    {
      what: "a timeout",
      hook: script("exec sleep 60", { timeout: 0.05 }),
      says: /did not end within its timeout of 0\.05 s$/,
    },
    {
      what: "a program that is missing, not in the words of a missing command",
      hook: { path: "/does/not/exist" },
      says: /"\/does\/not\/exist" could not be run: it does not exist \(ENOENT\)$/,
    },
    {
      what: "a program that may not be executed",
      hook: { path: "/etc/passwd" },
      says: /"\/etc\/passwd" could not be run: access is denied \(EACCES\)$/,
    },
  ];
  for (const { what, hook, says } of FAILURES) {
    it(`stops at a hook that fails, and tells ${what}`, async () => {
      const rejected = poststart({ path: "/bin/true" }, hook, script(': > "$0/third"'));
      await assert.rejects(rejected, (error) => {
        assert.ok(error instanceof RuntimeError);
        assert.deepEqual([error.code, error.details.pointer], ["ERR_STEP", "/hooks/poststart/1"]);
        assert.match(error.message, says);
        return true;
      });
      assert.ok(!existsSync(at("third")));
    });
  }

  it("tells failures and goes on where that is asked for", async () => {
    const told: string[] = [];
    const config = configWith("poststop", script("exit 1"), script(': > "$0/second"'), script("exit 2"));
    await runHooks("poststop", config, STATE, "stopped", ({ message }) => told.push(message));
    assert.deepEqual(
      told.map((message) => message.replace(/.*hook (#\d).*(\d)$/, "$1 $2")),
      ["#0 1", "#2 2"],
    );
    assert.ok(existsSync(at("second")));
  });

  it("does not wait for what a hook leaves running", async () => {
    const started = performance.now();
    await poststart(script("sleep 2 & exit 0"));
    assert.ok(performance.now() - started < 1500);
  });
});
