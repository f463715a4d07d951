import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UsageError } from "../../../src/base/errors.ts";
import type { Process } from "../../../src/config/types.gen.ts";
import { changedProcess } from "../../../src/runtime/exec-process.ts";
import type { ProcessChanges } from "../../../src/runtime/options.ts";

const OWN: Process = {
  terminal: true,
  cwd: "/srv",
  args: ["server"],
  env: ["PATH=/bin", "COLOR=blue", "TERM=vt100"],
  user: { uid: 5, gid: 6, additionalGids: [7], umask: 0o77 },
  capabilities: { bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], effective: [] },
  rlimits: [{ type: "RLIMIT_CORE", soft: 0, hard: 0 }],
};

const NO_CHANGES: ProcessChanges = {
  args: ["tool"],
  terminal: false,
  env: [],
  additionalGids: [],
  capabilities: [],
  noNewPrivileges: false,
};

describe("changedProcess", () => {
  it("keeps everything but the command and the terminal when nothing is asked for", () => {
    assert.deepEqual(change({}), { process: { ...OWN, args: ["tool"], terminal: false }, flags: {} });
  });

  it("makes a process of its own for a container that has none", () => {
    const { process } = changedProcess(undefined, NO_CHANGES);
    assert.deepEqual(process, { cwd: "/", args: ["tool"], terminal: false });
  });

  const cases: readonly (readonly [name: string, Partial<ProcessChanges>, Partial<Process>, Record<string, string>])[] =
    [
      ["the directory", { cwd: "/tmp" }, { cwd: "/tmp" }, { "/process/cwd": "--cwd" }],
      [
        "variables, each name once and the last one's value",
        { env: ["COLOR=red", "SIZE=1", "COLOR=green"] },
        { env: ["PATH=/bin", "COLOR=green", "TERM=vt100", "SIZE=1"] },
        { "/process/env": "--env" },
      ],
      ["the user", { user: "8" }, { user: { ...OWN.user, uid: 8 } }, { "/process/user": "--user" }],
      ["user and group", { user: "8:9" }, { user: { ...OWN.user, uid: 8, gid: 9 } }, { "/process/user": "--user" }],
      [
        "groups",
        { additionalGids: ["8", "9,10"] },
        { user: { ...OWN.user, additionalGids: [7, 8, 9, 10] } },
        { "/process/user/additionalGids": "--additional-gids" },
      ],
      [
        "capabilities, and none inheritable or ambient",
        { capabilities: ["CAP_CHOWN"] },
        {
          capabilities: {
            bounding: ["CAP_KILL", "CAP_CHOWN"],
            permitted: ["CAP_KILL", "CAP_CHOWN"],
            effective: ["CAP_CHOWN"],
          },
        },
        { "/process/capabilities": "--cap" },
      ],
      [
        "no_new_privs",
        { noNewPrivileges: true },
        { noNewPrivileges: true },
        { "/process/noNewPrivileges": "--no-new-privs" },
      ],
      ["the profile", { apparmorProfile: "p" }, { apparmorProfile: "p" }, { "/process/apparmorProfile": "--apparmor" }],
      ["the label", { selinuxLabel: "l" }, { selinuxLabel: "l" }, { "/process/selinuxLabel": "--process-label" }],
      ["the terminal", { terminal: true }, { terminal: true }, { "/process/terminal": "--tty" }],
    ];
  for (const [name, changes, expected, flags] of cases) {
    it(`changes ${name}, and says by which flag`, () => {
      const changed = { ...OWN, args: ["tool"], terminal: false, ...expected };
      assert.deepEqual(change(changes), { process: changed, flags });
    });
  }

  it("makes capabilities ambient where the container has inheritable ones", () => {
    const own: Process = { ...OWN, capabilities: { inheritable: ["CAP_KILL"] } };
    const { process } = changedProcess(own, { ...NO_CHANGES, capabilities: ["CAP_CHOWN"] });
    assert.deepEqual(process.capabilities?.ambient, ["CAP_CHOWN"]);
    assert.deepEqual(process.capabilities?.inheritable, ["CAP_KILL"]);
  });

  it("gives a terminal a type where none is set", () => {
    const own: Process = { ...OWN, env: ["PATH=/bin"] };
    const env = (changes: Partial<ProcessChanges>) => changedProcess(own, { ...NO_CHANGES, ...changes }).process.env;
    assert.deepEqual(env({ terminal: true }), ["PATH=/bin", "TERM=xterm"]);
    assert.deepEqual(env({ terminal: true, env: ["TERM=dumb"] }), ["PATH=/bin", "TERM=dumb"]);
    assert.deepEqual(env({}), ["PATH=/bin"]);
  });

  const refusals: readonly (readonly [changes: Partial<ProcessChanges>, flag: string | undefined, says: RegExp])[] = [
    [{ args: [] }, undefined, /process args cannot be empty/],
    [{ cwd: "tmp" }, "--cwd", /"tmp".*absolute/],
    [{ env: ["COLOR"] }, "--env", /"COLOR"/],
    [{ env: ["=red"] }, "--env", /"=red"/],
    [{ user: "root" }, "--user", /"root"/],
    [{ user: "0:" }, "--user", /"0:"/],
    [{ user: "-1" }, "--user", /"-1"/],
    [{ user: "4294967295" }, "--user", /"4294967295"/],
    [{ additionalGids: ["1,x"] }, "--additional-gids", /"x"/],
    [{ capabilities: ["KILL"] }, "--cap", /"KILL"/],
    [{ capabilities: ["constructor"] }, "--cap", /"constructor"/],
  ];
  for (const [changes, flag, says] of refusals) {
    it(`refuses ${JSON.stringify(changes)} and names the flag`, () => {
      assert.throws(
        () => change(changes),
        (error) => error instanceof UsageError && error.details.flag === flag && says.test(error.message),
      );
    });
  }
});

function change(changes: Partial<ProcessChanges>) {
  return changedProcess(OWN, { ...NO_CHANGES, ...changes });
}
