import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";
import { listTree } from "../helpers/file-tree.ts";
import { type Need, needsCgroupV1, needsNoNode, needsOurs } from "../helpers/needs.ts";
import type { PeerName } from "../helpers/peers.ts";
import { PROBE } from "../helpers/probe.ts";
import { RUNTIME } from "../helpers/runtime-under-test.ts";
import type { TestBox } from "../helpers/test-box.ts";

interface BrokenConfig {
  readonly what: string;
  readonly break: (box: TestBox) => void;
  /** The place in the config, which mydocker-runtime names. */
  readonly pointer: string;
  /** What the text says besides, of the cause. */
  readonly says?: RegExp;
  readonly flags?: (box: TestBox) => readonly string[];
  readonly peerDeviations?: Readonly<Partial<Record<PeerName, string>>>;
  readonly needs?: readonly Need[];
}

const FIRST_MOUNT = 7;

const BROKEN: readonly BrokenConfig[] = [
  {
    what: "a root that is not there",
    break: ({ config }) => {
      config.root.path = "nowhere";
    },
    pointer: "/root/path",
    says: /nowhere/,
  },
  addedMount(
    "a source that is not there",
    (box) => ({ type: "bind", source: box.path("nowhere"), options: ["bind"] }),
    "",
    /nowhere/,
  ),
  addedMount(
    "a file system that there is not",
    () => ({ type: "nosuchfs", source: "x" }),
    "",
    /nosuchfs|no such device|unknown/i,
  ),
  addedMount("an option that there is not", () => ({ type: "tmpfs", source: "x", options: ["nosuch=1"] }), ""),
  {
    what: "a directory mounted over a file",
    break: (box) => {
      writeFileSync(box.inRootfs("file"), "");
      mkdirSync(box.path("directory"));
      box.config.mounts.push({ destination: "/file", type: "bind", source: box.path("directory"), options: ["bind"] });
    },
    pointer: `/mounts/${FIRST_MOUNT}`,
    says: /directory/i,
  },
  {
    what: "a mount below a file",
    break: (box) => {
      writeFileSync(box.inRootfs("file"), "");
      box.config.mounts.push({ destination: "/file/below", type: "tmpfs", source: "tmpfs" });
    },
    pointer: `/mounts/${FIRST_MOUNT}`,
    says: /not a directory/i,
  },
  namespaceCase("a namespace of another type", "/proc/self/ns/ipc"),
  namespaceCase("a namespace that is not there", "/proc/self/ns/nowhere"),
  namespaceCase("a namespace that is a directory", "/proc/self/ns"),
  sysctlCase("a sysctl of the host", "kernel.panic"),
  sysctlCase("a sysctl that there is not", "net.nosuch"),
  {
    what: "a limit that there is not",
    break: ({ config }) => {
      config.process.rlimits = [{ type: "RLIMIT_NOSUCH", soft: 1, hard: 1 }];
    },
    pointer: "/process/rlimits/0/type",
  },
  {
    what: "a soft limit above the hard one",
    break: ({ config }) => {
      config.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 20, hard: 10 }];
    },
    pointer: "/process/rlimits/0",
  },
  {
    what: "a working directory that is a file",
    break: (box) => {
      writeFileSync(box.inRootfs("file"), "");
      box.config.process.cwd = "/file";
    },
    pointer: "/process/cwd",
    says: /not a directory/i,
  },
  {
    what: "a command that is not there",
    break: ({ config }) => {
      config.process.args = ["nosuch"];
    },
    pointer: "/process/args",
    says: /executable file .*not found in \$PATH/,
  },
  {
    what: "a user that the user namespace does not map",
    break: ({ config, rootfs }) => {
      config.linux.namespaces.push({ type: "user" });
      config.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 10 }];
      config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 10 }];
      config.process.user.uid = 5000;
      assert.ok(rootfs);
    },
    pointer: "/process/user",
  },
  {
    what: "an unmappable id mapping",
    break: ({ config }) => {
      config.linux.namespaces.push({ type: "user" });
      config.linux.uidMappings = [
        { containerID: 0, hostID: 0, size: 10 },
        { containerID: 5, hostID: 100, size: 10 },
      ];
      config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 10 }];
    },
    pointer: "/linux/uidMappings",
  },
  {
    what: "a seccomp action that there is not",
    break: ({ config }) => {
      config.linux.seccomp = { defaultAction: "SCMP_ACT_NOSUCH" };
    },
    pointer: "/linux/seccomp/defaultAction",
    peerDeviations: { crun: "1.8.1 fails at start" },
  },
  {
    what: "an AppArmor profile that there is not",
    break: ({ config }) => {
      config.process.apparmorProfile = "nosuch-profile";
    },
    pointer: "/process/apparmorProfile",
    peerDeviations: { crun: "ignores it without AppArmor" },
  },
  {
    what: "a processor that there is not",
    break: ({ config }) => {
      config.linux.resources.cpu = { cpus: "4000" };
    },
    pointer: "/linux/resources/cpu/cpus",
    needs: [needsCgroupV1("cpuset")],
    peerDeviations: { crun: "1.8.1 leaves its cgroups" },
  },
  {
    what: "a share of a processor that the kernel refuses",
    break: ({ config }) => {
      config.linux.resources.cpu = { quota: 10, period: 100_000 };
    },
    pointer: "/linux/resources/cpu/quota",
    needs: [needsCgroupV1("cpu")],
    peerDeviations: { crun: "1.8.1 leaves its cgroups" },
  },
  hookCase("prestart"),
  hookCase("createRuntime"),
  hookCase("createContainer"),
  {
    what: "a console socket where nobody listens",
    break: ({ config }) => {
      config.process.terminal = true;
    },
    pointer: "--console-socket",
    flags: (box) => ["--console-socket", box.path("nobody")],
  },
  {
    what: "a pid file in a directory that is not there",
    break: () => {},
    pointer: "--pid-file",
    flags: (box) => ["--pid-file", box.path("nowhere/pid")],
  },
];

for (const {
  what,
  break: breakConfig,
  pointer,
  says = /./,
  flags = () => [],
  peerDeviations = {},
  needs = [],
} of BROKEN) {
  for (const verb of ["create", "run"] as const) {
    containerTest(
      `${verb} with ${what} fails, says why and leaves nothing`,
      async (box) => {
        breakConfig(box);
        box.writeConfig();
        const before = listTree(box.bundle);
        const result = await (verb === "create" ? box.create(flags(box)) : box.run(flags(box)));
        assert.notEqual(result.status, 0);
        assert.notEqual(result.stderr, "");
        await box.assertNoTraces();
        assert.ok(!readdirSync(box.stateRoot).includes(box.id));
        if (RUNTIME.name !== "ours") return;
        assert.match(result.stderr, says);
        assert.ok(result.stderr.includes(pointer), `${pointer} in: ${result.stderr}`);
        assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
        assert.deepEqual(listTree(box.bundle), before);
      },
      { peerDeviations, needs },
    );
  }
}

containerTest("the id is free again after a create that failed", async (box) => {
  box.config.mounts.push({ destination: "/mnt", type: "bind", source: box.path("nowhere"), options: ["bind"] });
  assert.notEqual((await box.create()).status, 0);
  box.config.mounts.pop();
  await box.created();
});

containerTest(
  "a caller with few descriptors is told so, and nothing is left",
  async (box) => {
    box.setCommands(["exit", "3"]);
    box.writeConfig();
    for (const limit of [8, 10, 12, 14, 16]) {
      const argv = box.argv(["run", "--bundle", box.bundle, box.id]);
      const { status, stderr } = await box.program(["sh", "-c", `ulimit -n ${limit}; exec "$@"`, "sh", ...argv]);
      if (status !== 3) assert.match(stderr, /EMFILE|file descriptors/, `${limit}`);
      await box.assertNoTraces();
      assert.deepEqual(readdirSync(box.stateRoot), []);
    }
  },
  { needs: [needsOurs, needsNoNode("needs more of them to start")] },
);

containerTest(
  "a create that fails writes no pid file",
  async (box) => {
    box.config.process.args = ["nosuch"];
    assert.notEqual((await box.create(["--pid-file", box.path("pid")])).status, 0);
    assert.ok(!existsSync(box.path("pid")));
  },
  { peerDeviations: { crun: "1.8.1 leaves it" } },
);

function addedMount(
  what: string,
  mount: (box: TestBox) => { type: string; source: string; options?: string[] },
  member: string,
  says?: RegExp,
): BrokenConfig {
  return {
    what: `a mount with ${what}`,
    break: (box) => {
      box.config.mounts.push({ destination: "/made/for/it", ...mount(box) });
    },
    pointer: `/mounts/${FIRST_MOUNT}${member}`,
    ...(says === undefined ? {} : { says }),
  };
}

function namespaceCase(what: string, path: string): BrokenConfig {
  return {
    what,
    break: ({ config }) => {
      config.linux.namespaces = [
        { type: "network", path },
        ...config.linux.namespaces.filter(({ type }) => type !== "network"),
      ];
    },
    pointer: "/linux/namespaces/0",
  };
}

function sysctlCase(what: string, key: string): BrokenConfig {
  return {
    what,
    break: ({ config }) => {
      config.linux.sysctl = { [key]: "1" };
    },
    pointer: `/linux/sysctl/${key}`,
  };
}

function hookCase(kind: "prestart" | "createRuntime" | "createContainer"): BrokenConfig {
  return {
    what: `a ${kind} hook that fails after one that does not`,
    break: ({ config }) => {
      config.hooks = {
        [kind]: [
          { path: PROBE, args: ["probe"] },
          { path: PROBE, args: ["probe", "exit", "3"] },
        ],
      };
    },
    pointer: `/hooks/${kind}/1`,
  };
}
