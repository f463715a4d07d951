import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { SandboxRequest } from "../../src/engine/network/types.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { needsProgram, needsRoot, needsUserNamespaces } from "../helpers/needs.ts";
import { HOST, NetworkBox, OUTSIDE, processLines, published } from "../helpers/network-box.ts";
import type { DriverAct, DriverAnswer } from "../helpers/network-driver.ts";
import { GROUP_ID, USER_ID } from "../helpers/ordinary-user.ts";
import { inNetns } from "../helpers/test-netns.ts";
import { TIME_SCALE } from "../helpers/time-scale.ts";

const needs = [needsRoot, needsUserNamespaces, ...["setpriv", "nsenter", "unshare", "pasta"].map(needsProgram)];
const skip = needs.map((need) => need()).find((reason) => reason !== undefined) ?? false;
const timeout = 120_000 * TIME_SCALE;

it("an ordinary user's container has published ports and a way out by pasta, gone when it is released", {
  skip,
  timeout,
}, async () => {
  const box = new NetworkBox();
  try {
    await publishAsUser(box);
  } finally {
    box.close();
  }
});

async function publishAsUser(box: NetworkBox): Promise<void> {
  box.ip(box.host, "route", "add", "default", "via", OUTSIDE.v4);
  chmodSync(box.directory, 0o711);
  const home = join(box.directory, "home");
  mkdirSync(home);
  chownSync(home, USER_ID, GROUP_ID);
  const [file = "", ...args] = asUser(box, ["unshare", "-Urn", "sleep", "100"]);
  // In place of a container.
  const sleeper = spawn(file, args, { stdio: "ignore" });
  try {
    const pid = await pidInside(sleeper.pid ?? 0);
    const request = box.request("web", ["bridge"], published({ protocol: "tcp", containerPort: 80, hostPort: 8080 }));
    const { containerId } = request;
    drive(box, home, [connect(request), { act: "startUser", containerId, pid }]);
    await box.serve(`/proc/${pid}/ns/net`, "web", 80);
    await box.serve(box.outside, "outside", 90);
    assert.match(box.ask(box.outside, [{ protocol: "tcp", host: HOST.v4, port: 8080 }])[0] ?? "", /^web 80/);
    const out = { protocol: "tcp", host: OUTSIDE.v4, port: 90 } as const;
    assert.match(box.ask(`/proc/${pid}/ns/net`, [out])[0] ?? "", /^outside 90/);
    assert.equal(helpers(box), 1);
    drive(box, home, [{ act: "release", containerId }]);
    assert.equal(helpers(box), 0);
    assert.throws(
      () => drive(box, home, [connect(box.request("db", ["back"]))]),
      /Cannot attach an ordinary user's container to "back"/,
    );
  } finally {
    sleeper.kill("SIGKILL");
  }
}

function connect(request: SandboxRequest): DriverAct {
  return { act: "connect", request };
}

function asUser({ host }: NetworkBox, argv: readonly string[]): readonly string[] {
  const ids = [`--reuid=${USER_ID}`, `--regid=${GROUP_ID}`, "--clear-groups"];
  return inNetns(host, "setpriv", ...ids, "--", ...argv);
}

function drive(box: NetworkBox, home: string, acts: readonly DriverAct[]): void {
  const call = JSON.stringify({ root: join(home, "root"), run: join(home, "run"), acts });
  const driver = join(PROJECT_ROOT, "build/test/helpers/network-driver.js");
  const [file = "", ...args] = asUser(box, [process.execPath, driver, call]);
  const { stdout, stderr } = spawnSync(file, args, { encoding: "utf8", cwd: "/" });
  assert.notEqual(stdout, "", stderr);
  const { error } = JSON.parse(stdout) as DriverAnswer; // the driver's own
  if (error !== undefined) throw new Error(error);
}

/** nsenter and setpriv become unshare, which becomes sleep: once it has namespaces of its own. */
async function pidInside(pid: number): Promise<number> {
  const own = readlinkSync("/proc/self/ns/user");
  for (let tries = 0; tries < 500; tries++) {
    if (existsSync(`/proc/${pid}/ns/user`) && readlinkSync(`/proc/${pid}/ns/user`) !== own) break;
    await delay(10);
  }
  await delay(100);
  return pid;
}

function helpers({ directory }: NetworkBox): number {
  return processLines().filter((line) => line.includes("pasta") && line.includes(directory)).length;
}
