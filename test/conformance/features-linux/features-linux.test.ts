import assert from "node:assert/strict";
import { RUNTIME } from "../../helpers/runtime-under-test.ts";
import { assertSuccess } from "../../helpers/test-box.ts";
import { linuxFeaturesOf, listed, needsFeatures } from "../features.ts";
import { requirement } from "../requirement.ts";

requirement(
  "features-linux.md#namespaces",
  { id: "MD-FL-01", says: "the listed namespaces are recognized", since: "1.1" },
  async (box) => {
    const types = listed((await linuxFeaturesOf(box)).namespaces);
    box.config.linux.namespaces = types.map((type) => ({ type }));
    if (types.includes("user")) {
      box.config.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1000 }];
      box.config.linux.gidMappings = [{ containerID: 0, hostID: 0, size: 1000 }];
    }
    assert.deepEqual(await box.look(["cwd"]), ["/"]);
  },
  { needs: [needsFeatures] },
);

requirement(
  "features-linux.md#capabilities",
  { id: "MD-FL-02", says: "the listed capabilities are recognized", since: "1.1" },
  async (box) => {
    box.config.process.capabilities = { bounding: [...listed((await linuxFeaturesOf(box)).capabilities)] };
    box.setCommands(["cwd"]);
    const result = await box.run();
    assertSuccess(result);
    // Not every capability can be granted everywhere, but none is unknown.
    assert.doesNotMatch(result.stderr, /unknown|is not a capability/);
  },
  { needs: [needsFeatures] },
);

/** The rows about linux.seccomp: what is listed, and a filter that uses one value. */
const SECCOMP_ROWS = [
  ["MD-FL-03", "actions", (action: string) => ({ syscalls: [rule({ action })] })],
  [
    "MD-FL-04",
    "operators",
    (op: string) => ({ syscalls: [rule({ args: [{ index: 0, value: 1, valueTwo: 1, op }] })] }),
  ],
  ["MD-FL-05", "archs", (arch: string) => ({ architectures: [arch] })],
  ["MD-FL-06", "knownFlags", (flag: string) => ({ flags: [flag] })],
  ["MD-FL-07", "supportedFlags", (flag: string) => ({ flags: [flag] })],
] as const;

for (const [id, property, filterWith] of SECCOMP_ROWS) {
  requirement(
    "features-linux.md#seccomp",
    { id, says: `the listed ${property} of seccomp are recognized`, since: "1.1" },
    async (box) => {
      for (const value of listed((await linuxFeaturesOf(box)).seccomp?.[property])) {
        if (property === "archs" && isForeign(value)) continue;
        box.config.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", ...filterWith(value) };
        box.setCommands(["cwd"]);
        const result = await box.run();
        assert.equal(result.status, 0, `${value}: ${result.stderr}`);
      }
    },
    { needs: [needsFeatures] },
  );
}

/** About a call that nothing makes; a listener would need an agent, which has rows of its own. */
function rule(parts: { readonly action?: string; readonly args?: readonly object[] }) {
  const { action = "SCMP_ACT_ERRNO", args = [] } = parts;
  return { names: ["swapon"], action: action === "SCMP_ACT_NOTIFY" ? "SCMP_ACT_LOG" : action, args };
}

/** Of another byte order than the machines that tests run on: no filter can have both. */
function isForeign(arch: string): boolean {
  return /MIPS(64(N32)?)?$|PARISC|PPC(64)?$|S390|M68K|SHEB/.test(arch);
}

requirement(
  "features-linux.md#memorypolicy",
  [
    { id: "MD-FL-08", says: "the listed modes of memoryPolicy are recognized", since: "1.3" },
    { id: "MD-FL-09", says: "the listed flags of memoryPolicy are recognized", since: "1.3" },
  ],
  async (box) => {
    const { memoryPolicy: known } = await linuxFeaturesOf(box);
    const policies = [
      ...listed(known?.modes).map((mode) => ({ mode, ...(/DEFAULT|LOCAL/.test(mode) ? {} : { nodes: "0" }) })),
      ...listed(known?.flags).map((flag) => ({ mode: "MPOL_BIND", nodes: "0", flags: [flag] })),
    ];
    for (const memoryPolicy of policies) {
      box.config.linux.memoryPolicy = memoryPolicy;
      box.setCommands(["cwd"]);
      const result = await box.run();
      assert.equal(result.status, 0, `${JSON.stringify(memoryPolicy)}: ${result.stderr}`);
    }
  },
  { needs: [needsFeatures] },
);

requirement(
  "features-linux.md#mountextensions",
  { id: "MD-FL-10", says: "mountExtensions.idmap.enabled is true where the mappings of mounts are used", since: "1.2" },
  async (box) => {
    const { mountExtensions } = await linuxFeaturesOf(box);
    if (RUNTIME.name === "ours" || mountExtensions !== undefined) assert.equal(mountExtensions?.idmap.enabled, true);
  },
  { needs: [needsFeatures] },
);
