import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import type { SandboxRequest } from "../../src/engine/network/types.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { needsProgram, needsRoot, needsUserNamespaces } from "../helpers/needs.ts";
import { HOST, NetworkBox, OUTSIDE, processLines, published } from "../helpers/network-box.ts";
import type { DriverAct, DriverAnswer } from "../helpers/network-driver.ts";
import { GROUP_ID, USER_ID } from "../helpers/ordinary-user.ts";
import { TIME_SCALE } from "../helpers/time-scale.ts";

const NEEDS = [needsRoot, needsUserNamespaces, ...["setpriv", "nsenter", "unshare"].map(needsProgram)];
const ENTER = join(PROJECT_ROOT, "dist/mydocker-enter");
const timeout = 120_000 * TIME_SCALE;

for (const [program, without] of [
  ["pasta", []],
  ["slirp4netns", ["/usr/bin/pasta"]],
] as const) {
  const name = `an ordinary user's container has published ports and a way out by ${program}, gone when it is released`;
  const needs = [...NEEDS, needsProgram(program)];
  const skip = needs.map((need) => need()).find((reason) => reason !== undefined) ?? false;
  it(name, { skip, timeout }, async () => {
    const box = new NetworkBox(without);
    try {
      await publishAsUser(box, program);
    } finally {
      box.close();
    }
  });
}

async function publishAsUser(box: NetworkBox, program: string): Promise<void> {
  box.ip(box.host, "route", "add", "default", "via", OUTSIDE.v4);
  chmodSync(box.directory, 0o711);
  const home = join(box.directory, "home");
  mkdirSync(home);
  chownSync(home, USER_ID, GROUP_ID);
  try {
    const request = box.request("web", ["bridge"], published({ protocol: "tcp", containerPort: 80, hostPort: 8080 }));
    const { containerId } = request;
    drive(box, home, [connect(request)]);
    // Where the user's mount namespace has it bound.
    const netns = `/proc/${holder(home)}/root${home}/run/netns/${containerId}`;
    await box.serve(netns, "web", 80);
    await box.serve(box.outside, "outside", 90);
    assert.match(box.ask(box.outside, [{ protocol: "tcp", host: HOST.v4, port: 8080 }])[0] ?? "", /^web 80/);
    const out = { protocol: "tcp", host: OUTSIDE.v4, port: 90 } as const;
    assert.match(box.ask(netns, [out])[0] ?? "", /^outside 90/);
    assert.equal(helpers(box, program), 1);
    drive(box, home, [{ act: "release", containerId }]);
    assert.equal(helpers(box, program), 0);
    assert.throws(
      () => drive(box, home, [connect(box.request("db", ["back"]))]),
      /Cannot attach an ordinary user's container to "back"/,
    );
  } finally {
    process.kill(holder(home), "SIGKILL");
  }
}

/** The process that holds the user's namespaces. */
function holder(home: string): number {
  return Number(readFileSync(join(home, "holder"), "utf8").split(" ")[0]);
}

function connect(request: SandboxRequest): DriverAct {
  return { act: "connect", request };
}

function asUser(box: NetworkBox, argv: readonly string[]): readonly string[] {
  const ids = [`--reuid=${USER_ID}`, `--regid=${GROUP_ID}`, "--clear-groups"];
  return box.onHost("setpriv", ...ids, "--", ...argv);
}

function drive(box: NetworkBox, home: string, acts: readonly DriverAct[]): void {
  const call = JSON.stringify({ root: join(home, "root"), run: join(home, "run"), acts });
  const driver = join(PROJECT_ROOT, "build/test/helpers/network-driver.js");
  const [file = "", ...args] = asUser(box, [
    ENTER,
    `user=${join(home, "holder")}`,
    "--",
    process.execPath,
    driver,
    call,
  ]);
  const { stdout, stderr } = spawnSync(file, args, { encoding: "utf8", cwd: "/" });
  assert.notEqual(stdout, "", stderr);
  const { error } = JSON.parse(stdout) as DriverAnswer; // the driver's own
  if (error !== undefined) throw new Error(error);
}

function helpers({ directory }: NetworkBox, program: string): number {
  return processLines().filter((line) => line.includes(program) && line.includes(directory)).length;
}
