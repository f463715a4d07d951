import type { Plan } from "../../runtime/index.ts";
import { mountRootfs, unmountRootfs } from "../storage/rootfs-store.ts";
import { buildBundle, configOf } from "./build-bundle.ts";
import type { EngineContext } from "./engine-context.ts";
import { type DefaultSettings, type ExplainedSetting, explainSettings } from "./explain-settings.ts";
import type { ContainerRecord } from "./record.ts";
import { CONSOLE_SOCKET, ownContext } from "./runtime-driver.ts";
import { namespaceOf, type Sandbox } from "./sandbox.ts";
import { releaseShm } from "./shared-shm.ts";
import { livePid } from "./status.ts";
import { findContainer, runDirectory } from "./store.ts";

/**
 * The steps that our own runtime takes for a container: of one that runs, from the bundle that it was started with. A network
 * is made before these: in the plan of one that does not run it is a new namespace. Nothing stays mounted. Throws EngineError,
 * SystemError, ConfigError.
 */
export async function planContainer(context: EngineContext, record: ContainerRecord): Promise<Plan> {
  return await withRootfs(context, record, (rootfs) => planOf(context, record, rootfs));
}

/** What each setting of a container makes of its config, and the plan of it all. Throws as planContainer does. */
export async function explainContainer(
  context: EngineContext,
  record: ContainerRecord,
  defaults: DefaultSettings,
): Promise<{ readonly settings: readonly ExplainedSetting[]; readonly plan: Plan }> {
  const { paths } = context;
  return await withRootfs(context, record, async (rootfs) => {
    const settings = explainSettings(record, defaults, (changed) => {
      const variant = { ...record, ...changed };
      return configOf({ paths, record: variant, rootfs, sandbox: plannedSandbox(context, variant) });
    });
    return { settings, plan: await planOf(context, record, rootfs) };
  });
}

/** The directory of a container's bundle, while it is there: that of one that does not run is made for this. */
export async function withBundle<T>(
  context: EngineContext,
  record: ContainerRecord,
  body: (bundle: string) => Promise<T>,
): Promise<T> {
  return await withRootfs(context, record, async (rootfs) => await body(bundleOf(context, record, rootfs)));
}

async function planOf(context: EngineContext, record: ContainerRecord, rootfs: string): Promise<Plan> {
  const bundle = bundleOf(context, record, rootfs);
  const { planBundle } = await import("../../runtime/index.ts");
  const terminal = record.config.Tty ? { consoleSocket: `${bundle}/${CONSOLE_SOCKET}` } : {};
  return await planBundle(ownContext(context.paths, context.warn), {
    id: record.id,
    bundle,
    verb: "create",
    ...terminal,
  });
}

function bundleOf(context: EngineContext, record: ContainerRecord, rootfs: string): string {
  const { paths } = context;
  if (isInUse(context, record)) return runDirectory(paths, record.id);
  return buildBundle({ paths, record, rootfs, sandbox: plannedSandbox(context, record) });
}

/** Of one that runs, or is kept after a start that failed, everything stays as it is. */
function isInUse({ paths }: EngineContext, { id, life }: ContainerRecord): boolean {
  return life.isKept === true || livePid(paths, id) !== undefined;
}

async function withRootfs<T>(
  context: EngineContext,
  record: ContainerRecord,
  body: (rootfs: string) => Promise<T>,
): Promise<T> {
  const { paths } = context;
  try {
    return await body(await mountRootfs(paths, record.id));
  } finally {
    if (!isInUse(context, record)) {
      releaseShm(paths, record);
      await unmountRootfs(paths, record.id);
    }
  }
}

function plannedSandbox({ paths }: EngineContext, { config, hostConfig }: ContainerRecord): Sandbox {
  const mode = hostConfig.NetworkMode;
  if (mode === "host") return { namespace: "host" };
  const files = { hosts: "", hostname: `${config.Hostname}\n`, resolvConf: "" };
  if (!mode.startsWith("container:")) return { namespace: "new", files };
  return { namespace: { path: namespaceOf(paths, findContainer(paths, mode.slice("container:".length)).id, "net") } };
}
