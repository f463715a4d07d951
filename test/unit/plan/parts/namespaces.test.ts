import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PlanInput } from "../../../../src/plan/plan-input.ts";
import { ROOTLESS_HOST } from "../../../../src/tools/fixed-hosts.ts";
import { type Fragment, linesFrom, opsOf } from "../plan-of.ts";

type Linux = NonNullable<Fragment["linux"]>;
type Type = NonNullable<Linux["namespaces"]>[number]["type"];

const MAP = [{ containerID: 0, hostID: 100000, size: 65536 }];
const MAPPINGS = { uidMappings: MAP, gidMappings: MAP };

/** New namespaces by their type, others by type and path. */
function namespaces(...list: readonly (Type | readonly [Type, string])[]): Linux {
  return {
    namespaces: list.map((each) => (typeof each === "string" ? { type: each } : { type: each[0], path: each[1] })),
  };
}

interface Case {
  readonly what: string;
  readonly linux: Linux;
  readonly more?: Partial<PlanInput>;
  readonly lines: readonly string[];
}

const MAPPED = [
  "parent idmap.write uid 0 100000 65536 gid 0 100000 65536",
  "parent sync.post id-map",
  "init sync.wait id-map",
  "init ns.become_root uid 0 gid 0",
];

const CASES: readonly Case[] = [
  {
    what: "no namespace at all",
    linux: namespaces(),
    lines: ["parent child.clone init", "init dumpable.clear"],
  },
  {
    what: "new namespaces at the clone, but for the cgroup one, which begins where the init is by then",
    linux: namespaces("pid", "network", "ipc", "uts", "mount", "cgroup"),
    lines: [
      "parent child.clone init CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWNET",
      "init dumpable.clear",
      "init ns.unshare CLONE_NEWCGROUP",
    ],
  },
  {
    what: "joined ones by an intermediate, the user namespace last: inside, it has no rights over the others",
    linux: namespaces("pid", "mount", ["user", "/u"], ["network", "/n"]),
    lines: [
      "parent ns.open #16 /u",
      "parent ns.open #17 /n",
      "parent child.clone intermediate",
      "intermediate ns.join #17 CLONE_NEWNET /n",
      "intermediate ns.join #16 CLONE_NEWUSER /u",
      "intermediate ns.become_root uid 0 gid 0",
      "intermediate dumpable.clear",
      "intermediate init.clone CLONE_NEWNS|CLONE_NEWPID",
      "parent child.adopt",
    ],
  },
  {
    what: "the user namespace first for a caller who has no rights outside of it",
    linux: namespaces("pid", "mount", ["network", "/n"], ["user", "/u"]),
    more: { host: ROOTLESS_HOST },
    lines: [
      "parent ns.open #3 /n",
      "parent ns.open #4 /u",
      "parent child.clone intermediate",
      "intermediate ns.join #4 CLONE_NEWUSER /u",
      "intermediate ns.join #3 CLONE_NEWNET /n",
      "intermediate ns.become_root uid 0 gid 0",
      "intermediate init.clone CLONE_NEWNS|CLONE_NEWPID",
      "parent child.adopt",
    ],
  },
  {
    what: "a new user namespace beside a joined one, so that the mappings are written before the init is made",
    linux: { ...namespaces("user", "mount", ["network", "/n"]), ...MAPPINGS },
    lines: [
      "parent ns.open #16 /n",
      "parent child.clone intermediate",
      "intermediate ns.join #16 CLONE_NEWNET /n",
      "intermediate ns.unshare CLONE_NEWUSER",
      "intermediate sync.post user-namespace",
      "parent sync.wait user-namespace",
      "parent idmap.write uid 0 100000 65536 gid 0 100000 65536",
      "parent sync.post id-map",
      "intermediate sync.wait id-map",
      "intermediate ns.become_root uid 0 gid 0",
      "intermediate dumpable.clear",
      "intermediate init.clone CLONE_NEWNS",
      "parent child.adopt",
    ],
  },
  {
    what: "a new time namespace by an intermediate: offsets are set while nobody is in it",
    linux: {
      ...namespaces("time", "mount"),
      timeOffsets: { monotonic: { secs: 5 }, boottime: { secs: -1, nanosecs: 7 } },
    },
    lines: [
      "parent child.clone intermediate",
      "intermediate ns.unshare CLONE_NEWTIME",
      "intermediate time.offsets monotonic 5 0, boottime -1 7",
      "intermediate dumpable.clear",
      "intermediate init.clone CLONE_NEWNS",
      "parent child.adopt",
    ],
  },
  {
    what: "a time namespace by its path as any other",
    linux: namespaces("mount", ["time", "/t"]),
    lines: [
      "parent ns.open #9 /t",
      "parent child.clone intermediate",
      "intermediate ns.join #9 CLONE_NEWTIME /t",
      "intermediate dumpable.clear",
      "intermediate init.clone CLONE_NEWNS",
      "parent child.adopt",
    ],
  },
];

const PLACES = ["/linux/namespaces", "/linux/uidMappings", "/linux/gidMappings", "/linux/timeOffsets"];

describe("addProcesses", () => {
  for (const { what, linux, more, lines } of CASES) {
    it(`makes ${what}`, () => {
      const found = PLACES.flatMap((place) => linesFrom(place, { linux }, more));
      assert.deepEqual([...found].sort(), [...lines].sort());
      // Each place's steps are in order; together they are compared without.
      for (const place of PLACES) {
        const own = linesFrom(place, { linux }, more);
        assert.deepEqual(
          own,
          lines.filter((line) => own.includes(line)),
        );
      }
    });
  }

  it("maps ids before the init becomes root, and lets root write them", () => {
    const linux = { ...namespaces("user", "mount"), ...MAPPINGS };
    assert.deepEqual(linesFrom("/linux/uidMappings", { linux }), MAPPED);
    assert.deepEqual(
      opsOf("idmap.write", { linux }).map(({ denySetgroups }) => denySetgroups),
      [0],
    );
  });

  it("gives up setgroups where an ordinary user maps the own id, as the kernel asks for", () => {
    const own = [{ containerID: 0, hostID: 1000, size: 1 }];
    const linux = { ...namespaces("user", "mount"), uidMappings: own, gidMappings: own };
    const [write, ...others] = opsOf("idmap.write", { linux }, { host: ROOTLESS_HOST });
    assert.deepEqual(others, []);
    assert.deepEqual(write, { op: "idmap.write", uidMap: "0 1000 1\n", gidMap: "0 1000 1\n", denySetgroups: 1 });
  });

  it("takes no root that the mappings do not have", () => {
    const uidMappings = [{ containerID: 5, hostID: 5, size: 1 }];
    const fragment = {
      process: { user: { uid: 5, gid: 0 } },
      linux: { ...namespaces("user", "mount"), uidMappings, gidMappings: MAP },
    };
    assert.deepEqual(opsOf("ns.become_root", fragment), []);
  });

  it("brings up the loopback device of a new network only", () => {
    assert.equal(opsOf("net.loopback_up", { linux: namespaces("mount", "network") }).length, 1);
    assert.equal(opsOf("net.loopback_up", { linux: namespaces("mount", ["network", "/n"]) }).length, 0);
  });
});
