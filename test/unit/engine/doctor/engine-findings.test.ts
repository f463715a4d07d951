import assert from "node:assert/strict";
import { it } from "node:test";
import type { EngineFacts } from "../../../../src/engine/doctor/engine-facts.ts";
import { engineFindings } from "../../../../src/engine/doctor/engine-findings.ts";

const NONE = { unfinished: [], unrecorded: [], networks: [], sessions: [] };

const WHOLE: EngineFacts = {
  isRootless: false,
  storage: {
    Driver: "overlay2",
    DriverStatus: [
      ["Backing Filesystem", "ext4"],
      ["Supports d_type", "true"],
      ["userxattr", "false"],
      ["Not aufs", "long gone"],
    ],
  },
  directories: [
    { name: "state", path: "/var/lib/x", freeBytes: 2 ** 34, freeFiles: 1_000_000 },
    { name: "run state", path: "/run/x", freeBytes: 2 ** 28 },
  ],
  network: { firewall: "nftables", drops: [] },
  unreadable: [],
  leftovers: NONE,
  emptyCgroups: [],
};

it("a host with everything has nothing but ok, and tells the driver and what it is on", () => {
  const findings = engineFindings(WHOLE);
  assert.deepEqual(new Set(findings.map(({ status }) => status)), new Set(["ok"]));
  assert.equal(findings[0]?.seen, "overlay2 on ext4; d_type true, userxattr false");
});

const VFS: EngineFacts["storage"] = {
  Driver: "vfs",
  DriverStatus: [
    ["Backing Filesystem", "nfs"],
    ["Not overlay2", "no such device"],
    ["Not fuse-overlayfs", "not installed"],
  ],
};

for (const [what, facts, expected] of [
  ["vfs", { storage: VFS }, "warning storage driver: not overlay2: no such device; not fuse-overlayfs: not installed"],
  ["no storage", { storage: { problem: "Cannot make it", fix: "run as root" } }, "missing storage driver: run as root"],
  [
    "little space",
    { directories: [{ name: "state", path: "/var/lib/x", freeBytes: 2 ** 29 }] },
    "warning state: /var/lib/x: 512MiB free",
  ],
  [
    "few files",
    { directories: [{ name: "state", path: "/var/lib/x", freeBytes: 2 ** 34, freeFiles: 3 }] },
    "warning state: 3 files free",
  ],
  ["no firewall", { network: { drops: [] } }, "warning firewall: install nftables"],
  ["no way out", { network: { drops: [] }, isRootless: true }, "warning way out: passt, slirp4netns"],
  [
    "a chain that drops",
    { network: { firewall: "nftables", drops: [{ hook: "forward", chain: "table ip filter, chain FORWARD" }] } },
    "warning firewall: table ip filter, chain FORWARD",
  ],
  ["a bad record", { unreadable: ["/x/config.json is no record"] }, "warning records: /x/config.json is no record"],
  [
    "leftovers",
    { leftovers: { ...NONE, unrecorded: ["0123456789abcdef"], networks: ["fedcba9876543210"] } },
    "warning leftovers: were never finished: 0123456789ab; have ended and left a network: fedcba987654",
  ],
  [
    "lost programs",
    { leftovers: { ...NONE, sessions: ["0123456789abcdef"] } },
    "warning leftovers: monitor: 0123456789ab",
  ],
  ["empty cgroups", { emptyCgroups: ["/sys/fs/cgroup/a", "/b"] }, "warning cgroups: /sys/fs/cgroup/a, and 1 more"],
] as const satisfies readonly (readonly [string, Partial<EngineFacts>, string])[]) {
  it(`doctor tells of ${what}, and of nothing else`, () => {
    const found = engineFindings({ ...WHOLE, ...facts }).filter(({ status }) => status !== "ok");
    assert.equal(found.length, 1, JSON.stringify(found));
    const [{ status = "", name = "", seen = "", effect = "", fix = "" } = {}] = found;
    const [start, text] = expected.split(/: (.*)/s);
    assert.equal(`${status} ${name}`, start);
    assert.ok(`${seen} ${effect} ${fix}`.includes(text ?? ""), `${seen} ${effect} ${fix}`);
    assert.notEqual(effect, "");
  });
}
