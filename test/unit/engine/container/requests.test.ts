import assert from "node:assert/strict";
import { test } from "node:test";
import { capabilitiesOf, DEFAULT_CAPABILITIES } from "../../../../src/engine/config-builder/capabilities.ts";
import { decide } from "../../../../src/engine/container/finish-container.ts";
import { checkCommand, checkTimes } from "../../../../src/engine/container/health/check-command.ts";
import { parseTime } from "../../../../src/engine/container/parse-time.ts";
import { lastLines, parseEntry } from "../../../../src/engine/container/read-logs.ts";
import { NOT_STARTED } from "../../../../src/engine/container/record.ts";
import { checkDistinctTargets, parseMount, parseVolume } from "../../../../src/engine/container/request/mounts.ts";
import { checkedNamespace } from "../../../../src/engine/container/request/namespace-modes.ts";
import { parsePorts } from "../../../../src/engine/container/request/ports.ts";
import { parseRestart } from "../../../../src/engine/container/request/restart.ts";
import { startFailure } from "../../../../src/engine/container/start-container.ts";
import { resolveUser } from "../../../../src/engine/container/user.ts";
import { CAPABILITIES } from "../../../../src/linux/capabilities.ts";

for (const [text, port, host] of [
  ["80", "80/tcp", { HostIp: "", HostPort: "" }],
  ["8080:80", "80/tcp", { HostIp: "", HostPort: "8080" }],
  ["127.0.0.1:8080:80/udp", "80/udp", { HostIp: "127.0.0.1", HostPort: "8080" }],
  ["127.0.0.1::80", "80/tcp", { HostIp: "127.0.0.1", HostPort: "" }],
  ["[::1]:8080:80", "80/tcp", { HostIp: "::1", HostPort: "8080" }],
] as const) {
  test(`parsePorts reads ${text}`, () => {
    assert.deepEqual(parsePorts([text]), { [port]: [host] });
  });
}

test("parsePorts reads ranges, and refuses what fits nothing", () => {
  assert.deepEqual(Object.keys(parsePorts(["8000-8002:80-82"])), ["80/tcp", "81/tcp", "82/tcp"]);
  for (const text of ["", "x", "0", "70000", "1-2:80-82", "80/icmp"])
    assert.throws(() => parsePorts([text]), /./, text);
});

test("parseVolume tells binds, named and anonymous volumes apart", () => {
  const kinds = ["/a:/b", "name:/b:ro", "/b", "./x:/b"].map((text) => {
    const { Type, Source, Target, ReadOnly } = parseVolume(text);
    return [Type, Source, Target, ReadOnly];
  });
  assert.deepEqual(kinds, [
    ["bind", "/a", "/b", false],
    ["volume", "name", "/b", true],
    ["volume", "", "/b", false],
    ["bind", "./x", "/b", false],
  ]);
  for (const text of ["a:b", "a:/", "a:/b:what", "a:/../b", "a/b:/c", ":/b:ro:x"])
    assert.throws(() => parseVolume(text), /./, text);
});

test("parseMount reads docker's keys and refuses others", () => {
  const mount = parseMount("type=bind,src=/a,dst=/b,readonly,bind-propagation=rslave");
  assert.deepEqual(
    [mount.Type, mount.Source, mount.Target, mount.ReadOnly, mount.Options],
    ["bind", "/a", "/b", true, ["rslave"]],
  );
  assert.deepEqual(parseMount("type=bind,src=/a,dst=/b,ro,bind-recursive=readonly").Options, ["rro"]);
  for (const text of ["type=what,target=/b", "type=bind,source=a,target=/b", "target=/b,foo=1", "bind-recursive=x"])
    assert.throws(() => parseMount(text), /./, text);
});

test("checkDistinctTargets refuses two mounts at one place", () => {
  const mounts = ["/a:/x", "/b:/x"].map(parseVolume);
  assert.throws(() => checkDistinctTargets(mounts, []), /Duplicate mount point: \/x/);
  assert.throws(() => checkDistinctTargets(mounts.slice(1), ["/x"]), /Duplicate mount point: \/x/);
  assert.doesNotThrow(() => checkDistinctTargets(mounts.slice(1), ["/y"]));
});

test("checkedNamespace knows docker's modes and no others", () => {
  assert.equal(checkedNamespace("ipc", "container:web"), "container:web");
  for (const [kind, mode] of [
    ["ipc", "container:"],
    ["pid", "private"],
    ["uts", "new"],
    ["userns", "keep-id"],
  ] as const)
    assert.throws(() => checkedNamespace(kind, mode), /invalid (IPC|PID|UTS|USER) mode/, mode);
});

const PASSWD = "root:x:0:0:root:/root:/bin/sh\nweb:x:33:34:web:/srv:/bin/sh\n";
const GROUP = "root:x:0:\nweb:x:34:\nextra:x:50:web,other\n";
for (const [spec, uid, gid, more, home] of [
  ["", 0, 0, [0], "/root"],
  ["web", 33, 34, [34, 50], "/srv"],
  ["33", 33, 34, [34, 50], "/srv"],
  ["1000", 1000, 0, [0], "/"],
  ["web:extra", 33, 50, [50], "/srv"],
  ["1000:2000", 1000, 2000, [2000], "/"],
] as const) {
  test(`resolveUser finds "${spec}"`, () => {
    assert.deepEqual(resolveUser(spec, [], { passwd: PASSWD, group: GROUP }), { uid, gid, additionalGids: more, home });
  });
}

test("resolveUser refuses names that the container does not have", () => {
  assert.throws(() => resolveUser("nobody", [], { passwd: PASSWD, group: GROUP }), /unable to find user nobody/);
  assert.throws(() => resolveUser("web:nogroup", [], { passwd: PASSWD, group: GROUP }), /unable to find group nogroup/);
});

test("capabilitiesOf adds and drops, by name and ALL", () => {
  const known = Object.keys(CAPABILITIES);
  const of = (add: string[], drop: string[], privileged = false) => capabilitiesOf({ add, drop, privileged, known });
  assert.deepEqual(of([], []), DEFAULT_CAPABILITIES);
  assert.deepEqual(of(["net_admin"], ["ALL"]), ["CAP_NET_ADMIN"]);
  assert.deepEqual(
    of(["ALL"], ["CAP_SYS_ADMIN"]),
    known.filter((name) => name !== "CAP_SYS_ADMIN"),
  );
  assert.deepEqual(of([], [], true), known);
  assert.throws(() => of(["FLY"], []), /unknown capability: "CAP_FLY"/);
});

const life = { ...NOT_STARTED, startedAt: "2026-01-01T00:00:00Z" };
const ENDED = "2026-01-01T00:00:01Z";
for (const [policy, restartCount, status, isStopWanted, wanted] of [
  ["no", 0, 1, false, "stay"],
  ["always", 3, 0, false, "restart"],
  ["always", 3, 0, true, "stay"],
  ["on-failure", 0, 0, false, "stay"],
  ["on-failure:2", 1, 1, false, "restart"],
  ["on-failure:2", 2, 1, false, "stay"],
] as const) {
  test(`decide says ${wanted} for ${policy} after ${restartCount} restarts and status ${status}`, () => {
    // Only these members decide.
    const record = {
      hostConfig: { RestartPolicy: parseRestart(policy) },
      life: { ...life, restartCount, isStopWanted },
    };
    assert.equal(decide(record as Parameters<typeof decide>[0], status, ENDED).kind, wanted);
  });
}

test("startFailure knows missing and refused commands by the words of all runtimes", () => {
  const status = (message: string) => startFailure("start the container", message).exitStatus;
  assert.equal(status('exec: "x": executable file not found in $PATH'), 127);
  assert.equal(status('exec: "/x": stat /x: no such file or directory'), 127);
  assert.equal(status("executable file `x` not found in $PATH: No such file or directory"), 127);
  assert.equal(status('exec: "/etc": permission denied'), 126);
  assert.equal(status("cannot mount: permission denied"), 125);
  const entering = (why: string) => status(`Cannot enter the working directory "/x": ${why}`);
  assert.equal(entering("it does not exist (ENOENT from chdir)"), 127);
  assert.equal(entering("not a directory (ENOTDIR from chdir)"), 127);
  assert.equal(entering("permission denied (EACCES from chdir)"), 126);
});

test("parseTime takes dates, seconds and durations", () => {
  assert.equal(parseTime("2026-01-01T00:00:00Z", 0, "--since"), Date.UTC(2026, 0, 1));
  assert.equal(parseTime("1.5", 0, "--since"), 1500);
  assert.equal(parseTime("1m30s", 100_000, "--since"), 10_000);
  assert.throws(() => parseTime("soon", 0, "--since"), /failed to parse/);
});

test("lastLines counts the parts of a line as one", () => {
  const entries = ["a\n", "b", "c\n", "d"].map((log) => ({ log, stream: "stdout", time: "" }) as const);
  const shown = (count: number) =>
    lastLines(entries, count)
      .map(({ log }) => log)
      .join("");
  assert.deepEqual([shown(0), shown(1), shown(2), shown(9)], ["", "d", "bc\nd", "a\nbc\nd"]);
  assert.deepEqual(parseEntry('{"log":"cut'), []);
});

test("checkCommand gives words to a shell, and takes a list as it is", () => {
  const cases = [
    [
      ["CMD", "a", "b c"],
      ["a", "b c"],
    ],
    [
      ["CMD-SHELL", "a b"],
      ["/bin/sh", "-c", "a b"],
    ],
    [["NONE"], undefined],
    [["CMD"], undefined],
    [["OTHER", "a"], undefined],
    [[], undefined],
  ] as const;
  for (const [Test, command] of cases) assert.deepEqual(checkCommand({ Healthcheck: { Test } }), command);
  assert.deepEqual(checkCommand({ Healthcheck: { Test: ["CMD-SHELL", "a"] }, Shell: ["/x", "-e"] }), ["/x", "-e", "a"]);
  assert.equal(checkCommand({}), undefined);
});

test("checkTimes takes docker's for what is not given", () => {
  const usual = { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, startIntervalMs: 5000, retries: 3 };
  assert.deepEqual(checkTimes({}), usual);
  assert.deepEqual(checkTimes({ Healthcheck: { Interval: 15e8, Retries: 1 } }), {
    ...usual,
    intervalMs: 1500,
    retries: 1,
  });
});
