import { awaitPlan } from "../apply/carry-out.ts";
import { StepError } from "../apply/step-error.ts";
import type { Origin } from "../base/origin.ts";
import { ConfigError, formatProblem } from "../base/problem.ts";
import type { CgroupPaths, CgroupWrite, UnitProperties } from "../cgroup/cgroup-plan.ts";
import { type CgroupUpdate, compileUpdate, filesBeforeUpdate } from "../cgroup/compile-update.ts";
import { type CgroupFacts, isUnifiedHost } from "../cgroup/facts.ts";
import { parseStoredConfig } from "../config/stored-config.ts";
import type { Config, Resources } from "../config/types.gen.ts";
import { buildUpdatePlan } from "../plan/build-update.ts";
import { requireStatus } from "../state/lifecycle.ts";
import { statusOf } from "../state/liveness.ts";
import type { StoredState } from "../state/schema.ts";
import { openContainer, readState, readStoredConfig } from "../state/store.ts";
import { close } from "../sys/descriptors.ts";
import { readTextIfExists } from "../sys/files.ts";
import { probeHost } from "../sys/probe-host.ts";
import type { RuntimeContext, UpdateOptions } from "./options.ts";
import { type ChangedResources, changedResources } from "./update-changes.ts";
import { readResources, validateResources } from "./update-file.ts";
import { rdtWrites } from "./update-rdt.ts";
import { readTakeBacks, takeBack } from "./update-restore.ts";

/**
 * Changes the limits of a container, all or nothing: when the kernel refuses one of them, the earlier ones are put back.
 * Throws StateError, UsageError, ConfigError, and StepError with the file, the value and the kernel's reason.
 */
export async function updateContainer(context: RuntimeContext, options: UpdateOptions): Promise<void> {
  const { id } = options;
  const { directory, lockFd } = openContainer(context.root, id);
  try {
    const state = readState(context.root, id);
    requireStatus("update", id, statusOf(state, directory));
    const config = parseStoredConfig(readStoredConfig(context.root, id));
    await carryOut(id, [
      ...rdtWrites(config, options),
      ...(await compile(context, state, changesOf(context, options, config))),
    ]);
  } finally {
    close(lockFd);
  }
}

function changesOf(context: RuntimeContext, { resources: asked }: UpdateOptions, config: Config): ChangedResources {
  const { resources, flags } = readChanges(asked, context);
  return { resources: validateResources(resources, config, context.warn), flags };
}

function readChanges(
  asked: UpdateOptions["resources"],
  { warn }: RuntimeContext,
): { readonly resources: unknown; readonly flags: Flags } {
  if ("value" in asked) return { resources: asked.value, flags: {} };
  return "file" in asked ? { resources: readResources(asked.file, warn), flags: {} } : changedResources(asked);
}

type Writes = CgroupUpdate["writes"];

async function compile(
  context: RuntimeContext,
  state: StoredState,
  { resources, flags }: ChangedResources,
): Promise<Writes> {
  const host = probeHost();
  const current = readFiles(filesBeforeUpdate(state.cgroup));
  const unitProperties = await unitPropertiesOf(state.cgroup, resources, current, host.cgroup);
  const { writes, problems } = compileUpdate({
    resources,
    facts: host.cgroup,
    paths: state.cgroup,
    current,
    ...(unitProperties !== undefined && { unitProperties }),
    rootless: !host.isPrivileged || !host.isInitialUserNamespace,
  });
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new ConfigError(`Cannot update container "${state.id}"`, errors);
  for (const warning of problems) context.warn(formatProblem(warning));
  return writes.map(({ write, restore }) => ({ write: withFlag(write, flags), restore }));
}

/** Loaded only for a container whose cgroup is a unit of systemd's. */
async function unitPropertiesOf(
  { scope, v2 }: CgroupPaths,
  resources: Resources,
  current: Readonly<Record<string, string>>,
  facts: CgroupFacts,
): Promise<UnitProperties | undefined> {
  if (scope === undefined) return undefined;
  const { unitProperties } = await import("../cgroup/systemd/unit-properties.ts");
  const { asksForVersion } = await import("../cgroup/systemd/version.ts");
  const { probeSystemd } = await import("../sys/probe-systemd.ts");
  const inV2 = Object.entries(current).filter(([path]) => v2 !== undefined && path.startsWith(`${v2}/`));
  const values = Object.fromEntries(
    inV2.map(([path, text]) => [path.slice(path.lastIndexOf("/") + 1), text.trimEnd()]),
  );
  const systemd = probeSystemd(facts, { user: scope.user, asksForVersion: asksForVersion(resources) });
  return unitProperties(scope.unit, resources, systemd, isUnifiedHost(facts), values);
}

function readFiles(paths: readonly string[]): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const path of paths) {
    const text = readTextIfExists(path);
    if (text !== undefined) texts[path] = text;
  }
  return texts;
}

type Flags = ChangedResources["flags"];

function withFlag(write: CgroupWrite, flags: Flags): CgroupWrite {
  const flag = "config" in write.from ? flags[write.from.config] : undefined;
  const from: Origin = flag === undefined ? write.from : { flag };
  return { ...write, from };
}

async function carryOut(id: string, writes: Writes): Promise<void> {
  if (writes.length === 0) return;
  const before = readTakeBacks(writes);
  const plan = buildUpdatePlan(
    id,
    writes.map(({ write }) => write),
  );
  try {
    await awaitPlan(plan, { preserveFds: 0 });
  } catch (error) {
    if (error instanceof StepError) error.cleanup.push(...takeBack(before.slice(0, error.record.step)));
    throw error;
  }
}
