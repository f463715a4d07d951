import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Config } from "../../../../src/config/types.gen.ts";
import { PlanDraft } from "../../../../src/plan/draft.ts";
import type { HostFacts, RdtFacts } from "../../../../src/plan/host-facts.ts";
import { addIntelRdt, addRdtJoins, addRdtRemoval } from "../../../../src/plan/parts/intel-rdt.ts";
import type { PlanInput } from "../../../../src/plan/plan-input.ts";
import { printPlan } from "../../../../src/plan/print.ts";
import { probeRdt } from "../../../../src/sys/probe-rdt.ts";

type IntelRdt = NonNullable<NonNullable<Config["linux"]>["intelRdt"]>;

/** A tree of files like resctrl's, and the mount table of a host that has it. */
const root = mkdtempSync(join(tmpdir(), "mydocker-resctrl-"));
const MOUNTINFO = `40 23 0:37 / ${root} rw,relatime - resctrl resctrl rw\n`;
writeFileSync(join(root, "schemata"), "    L3:0=fffff;1=fffff\n    MB:0=100;1=100\n");
mkdirSync(join(root, "gold"));
writeFileSync(join(root, "gold", "schemata"), "    L3:0=000ff;1=fffff\n");
after(() => rmSync(root, { recursive: true }));

/** Each step as "op: what it does", and the codes and messages of the problems. */
function compile(
  intelRdt: IntelRdt,
  rdt: RdtFacts | undefined,
): { steps: readonly string[]; problems: readonly string[] } {
  const draft = new PlanDraft();
  const host = { ...(rdt !== undefined && { rdt }) } as HostFacts; // the part reads nothing else of it
  const input = { id: "web", config: { ociVersion: "1.1.0", linux: { intelRdt } }, host } as PlanInput; // likewise
  addRdtJoins(draft, addIntelRdt(draft, input));
  addRdtRemoval(draft, input);
  const lines = printPlan({ verb: "run", id: "web", steps: draft.steps }, "text").split("\n");
  const steps = lines.filter(Boolean).map((line) =>
    line
      .replace(/^ *\d+ \w+ +/, "")
      .replace(/ +←.*$/, "")
      .replace(/ +/, ": "),
  );
  return { steps, problems: draft.problems.map(({ message }) => message) };
}

test("probeRdt finds the mount and the class's schemata", () => {
  assert.deepEqual(probeRdt("gold", MOUNTINFO), { root, schemata: "    L3:0=000ff;1=fffff\n" });
  assert.deepEqual(probeRdt("new", MOUNTINFO), { root });
  assert.match(probeRdt("/", MOUNTINFO)?.schemata ?? "", /MB:0=100/);
  assert.equal(probeRdt("gold", "23 27 0:22 / /sys rw - sysfs sysfs rw\n"), undefined);
});

test("addIntelRdt makes a class, writes its lines in order, joins and removes it", () => {
  const intelRdt: IntelRdt = { memBwSchema: "MB:0=50", l3CacheSchema: "L3:0=f", schemata: ["L2:0=3"] };
  assert.deepEqual(compile(intelRdt, probeRdt("web", MOUNTINFO)), {
    steps: [
      `cgroup.mkdir: ${root}/web`,
      `cgroup.write: ${root}/web/schemata = L3:0=f, MB:0=50, L2:0=3`,
      `cgroup.open: #2 ${root}/web/tasks`,
      `cgroup.join: #2 ${root}/web/tasks`,
      `cgroup.rmdir: ${root}/web`,
    ],
    problems: [],
  });
});

test("addIntelRdt only joins a class that exists, if it is as the config says", () => {
  const facts = probeRdt("gold", MOUNTINFO);
  const joins = [
    `cgroup.mkdir: ${root}/gold`,
    `cgroup.open: #2 ${root}/gold/tasks`,
    `cgroup.join: #2 ${root}/gold/tasks`,
  ];
  // A class with a name of its own outlives the container.
  const expected = { steps: joins, problems: [] };
  assert.deepEqual(compile({ closID: "gold" }, facts), expected);
  assert.deepEqual(compile({ closID: "gold", l3CacheSchema: "L3:1=fffff;0=ff" }, facts), expected);
  const { problems } = compile({ closID: "gold", l3CacheSchema: "L3:0=f" }, facts);
  assert.match(problems.join(), /differs from the existing class: it has no \["L3:0=f"\]/);
});

test("addIntelRdt gives a monitoring group of its own, also in the root class", () => {
  const { steps } = compile({ closID: "/", enableMonitoring: true }, probeRdt("/", MOUNTINFO));
  assert.deepEqual(steps, [
    `cgroup.mkdir: ${root}/mon_groups/web`,
    `cgroup.open: #2 ${root}/mon_groups/web/tasks`,
    `cgroup.join: #2 ${root}/mon_groups/web/tasks`,
    `cgroup.rmdir: ${root}/mon_groups/web`,
  ]);
});

test("addIntelRdt refuses a class that neither exists nor has a schema", () => {
  const { problems } = compile({ closID: "silver" }, probeRdt("silver", MOUNTINFO));
  assert.deepEqual(problems, ["names a class that does not exist, and has no schema to make it with"]);
});

test("addIntelRdt refuses with the reason where the host has no resctrl", () => {
  const { steps, problems } = compile({ closID: "gold" }, undefined);
  assert.deepEqual(steps, []);
  assert.deepEqual(problems, ["cannot be applied: no resctrl filesystem is mounted on this host"]);
});
