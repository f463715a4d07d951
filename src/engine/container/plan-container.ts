import { mountRootfs, unmountRootfs } from "../storage/rootfs-store.ts";
import { buildBundle } from "./build-bundle.ts";
import type { EngineContext } from "./engine-context.ts";
import type { ContainerRecord } from "./record.ts";
import { CONSOLE_SOCKET, runtimeDriver } from "./runtime-driver.ts";
import { namespaceOf, type Sandbox } from "./sandbox.ts";
import { releaseShm } from "./shared-shm.ts";
import { findContainer } from "./store.ts";

/**
 * The steps that our own runtime would take for a container which does not run, one a line. A network is made before these:
 * in the plan it is a new namespace. Nothing stays mounted. Throws EngineError, SystemError, ConfigError.
 */
export async function planContainer(context: EngineContext, record: ContainerRecord): Promise<string> {
  const { paths, warn } = context;
  const driver = runtimeDriver(paths, "", warn);
  if (driver.kind !== "own") throw new TypeError("the runtime without a name is our own");
  try {
    const rootfs = await mountRootfs(paths, record.id);
    const bundle = buildBundle({ paths, record, rootfs, sandbox: plannedSandbox(context, record) });
    const { planBundle, printPlan } = await import("../../runtime/index.ts");
    const plan = await planBundle(driver.context, {
      id: record.id,
      bundle,
      verb: "create",
      ...terminalOf(record, bundle),
    });
    return await printPlan(plan, "text");
  } finally {
    releaseShm(paths, record);
    await unmountRootfs(paths, record.id);
  }
}

function terminalOf({ config }: ContainerRecord, bundle: string) {
  return config.Tty ? { consoleSocket: `${bundle}/${CONSOLE_SOCKET}` } : {};
}

function plannedSandbox({ paths }: EngineContext, { config, hostConfig }: ContainerRecord): Sandbox {
  const mode = hostConfig.NetworkMode;
  if (mode === "host") return { namespace: "host" };
  const files = { hosts: "", hostname: `${config.Hostname}\n`, resolvConf: "" };
  if (!mode.startsWith("container:")) return { namespace: "new", files };
  return { namespace: { path: namespaceOf(paths, findContainer(paths, mode.slice("container:".length)).id, "net") } };
}
