import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { needsCgroupV2, needsOurs } from "../helpers/needs.ts";
import type { SpecResources } from "../helpers/spec-config.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";
import { cgroupV2Of, UNIFIED } from "../helpers/unified.ts";

const OPTIONS: ContainerTestOptions = { needs: [needsCgroupV2("memory"), needsCgroupV2("hugetlb"), needsOurs] };
const MIB = 1024 * 1024;

containerTest(
  "linux.resources.unified is written verbatim, also files that the runtime knows nothing of, and last",
  async (box) => {
    box.config.linux.cgroupsPath = `/${box.id}-parent/inner`;
    Object.assign(box.config.linux.resources, {
      memory: { limit: 64 * MIB },
      unified: {
        "memory.max": "33554432",
        "memory.oom.group": "1",
        "cpu.weight.nice": "5",
        "hugetlb.2MB.max": "4194304",
        "cgroup.max.depth": "3",
        "cgroup.max.descendants": "7",
      },
    });
    await box.created();
    const written = box.config.linux.resources.unified ?? {};
    assert.deepEqual(await filesOf(box, Object.keys(written)), written);
    // The parent was made for it: what the files belong to has been enabled there.
    const enabled = readFileSync(`${UNIFIED}/${box.id}-parent/cgroup.subtree_control`, "utf8").trim().split(" ");
    assert.deepEqual(
      ["cpu", "hugetlb", "memory"].filter((name) => !enabled.includes(name)),
      [],
    );
    await box.must("delete", "--force");
    await box.assertNoTraces();
  },
  OPTIONS,
);

containerTest(
  "update writes unified too, and leaves everything as it was when a file refuses its value",
  async (box) => {
    box.config.linux.resources = { unified: { "pids.max": "20", "memory.high": "max" } };
    await box.created();
    const update = (unified: object) =>
      box.runtime(["update", "--resources=-", box.id], { stdin: JSON.stringify({ unified }) });
    assertSuccess(await update({ "pids.max": "30", "memory.high": "67108864" }));
    assert.deepEqual(await filesOf(box, ["pids.max", "memory.high"]), { "pids.max": "30", "memory.high": "67108864" });
    const { status, stderr } = await update({ "pids.max": "40", "memory.high": "much" });
    assert.notEqual(status, 0);
    assert.match(stderr, /\/linux\/resources\/unified\/memory\.high|memory\.high/);
    assert.deepEqual(await filesOf(box, ["pids.max", "memory.high"]), { "pids.max": "30", "memory.high": "67108864" });
  },
  OPTIONS,
);

/** What linux.resources must not say here, and what is said of it, which may be several things at once. */
const REFUSED: readonly (readonly [what: string, resources: SpecResources, patterns: readonly RegExp[]])[] = [
  [
    "a file that there is not",
    unified("memory.nothing"),
    [/no such file \(\/linux\/resources\/unified\/memory\.nothing\)/],
  ],
  [
    "a value that the kernel refuses",
    unified("memory.high"),
    [/EINVAL.*\(\/linux\/resources\/unified\/memory\.high\)/],
  ],
  [
    "a path",
    unified("inner/memory.high", "../memory.high", "..", "."),
    ["inner~1memory\\.high", "\\.\\.~1memory\\.high", "\\.\\.", "\\."].map(
      (name) => new RegExp(`/unified/${name}: .*which is no file of the container's cgroup`),
    ),
  ],
  [
    "a controller that there is not, and what v1 alone has,",
    {
      ...unified("nothing.max"),
      memory: { limit: MIB, swappiness: 10, kernelTCP: MIB, disableOOMKiller: true },
      cpu: { realtimeRuntime: 1000 },
      blockIO: { leafWeight: 100 },
      network: { classID: 1 },
    },
    [
      /unified\/nothing\.max: .*needs the cgroup v2 controller nothing/,
      ...["memory/swappiness", "memory/kernelTCP", "memory/disableOOMKiller", "cpu/realtimeRuntime"].map(ofV1),
      ...["blockIO/leafWeight", "network/classID"].map(ofV1),
    ],
  ],
];

for (const [what, resources, patterns] of REFUSED) {
  containerTest(
    `${what} is refused where there is cgroup v2 alone`,
    async (box) => {
      box.config.linux.resources = resources;
      const { status, stderr } = await box.create();
      assert.notEqual(status, 0);
      for (const pattern of patterns) assert.match(stderr, pattern);
      await box.assertNoTraces();
    },
    OPTIONS,
  );
}

function ofV1(member: string): RegExp {
  return new RegExp(`/linux/resources/${member}: .*cgroup v1`);
}

/** The value is none that a file takes. */
function unified(...files: readonly string[]): { readonly unified: Readonly<Record<string, string>> } {
  return { unified: Object.fromEntries(files.map((file) => [file, "much"])) };
}

containerTest(
  "a controller that cannot be enabled, because processes are in the cgroup above, is an error",
  async (box) => {
    const parent = `${UNIFIED}/${box.id}-parent`;
    mkdirSync(parent);
    const move = ["sh", "-c", 'echo 0 > "$0/cgroup.procs" && exec "$@"', parent];
    box.config.linux.cgroupsPath = `/${box.id}-parent/inner`;
    box.config.linux.resources = { memory: { limit: 64 * MIB } };
    box.setCommands(["cwd"]);
    box.writeConfig();
    const { status, stderr } = await box.program([...move, ...box.argv(["run", "--bundle", box.bundle, box.id])]);
    assert.notEqual(status, 0);
    assert.match(stderr, /cgroup\.subtree_control.*EBUSY.*name a cgroup in cgroupsPath/);
    rmdirSync(parent);
    await box.assertNoTraces();
  },
  OPTIONS,
);

async function filesOf(box: TestBox, names: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const directory = await cgroupV2Of(box);
  return Object.fromEntries(names.map((name) => [name, readFileSync(`${directory}/${name}`, "utf8").trim()]));
}
