import { RuntimeError, UsageError } from "../base/errors.ts";
import { parseStoredConfig } from "../config/stored-config.ts";
import type { Config } from "../config/types.gen.ts";
import { requireStatus } from "../state/lifecycle.ts";
import { statusOf } from "../state/liveness.ts";
import type { StoredState } from "../state/schema.ts";
import { openContainer, readState, readStoredConfig } from "../state/store.ts";
import { close } from "../sys/descriptors.ts";
import { makeDirs, pathType, readLink, writeAtomic } from "../sys/files.ts";
import { probeHost } from "../sys/probe-host.ts";
import { DESCRIPTORS_FILE, type DumpTarget, dumpArguments } from "./checkpoint-arguments.ts";
import { runCriu } from "./checkpoint-criu.ts";
import { externalMounts, externalNamespaces } from "./checkpoint-external.ts";
import { deleteContainer } from "./delete.ts";
import type { CheckpointOptions, RuntimeContext } from "./options.ts";

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * Writes a running container into files, by the program criu, and deletes it unless it is to run on. Throws StateError,
 * UsageError, and RuntimeError with criu's own reason. Source: criu(8).
 */
export async function checkpointContainer(context: RuntimeContext, options: CheckpointOptions): Promise<void> {
  const { id } = options;
  const { directory, lockFd } = openContainer(context.root, id);
  try {
    const state = readState(context.root, id);
    requireStatus("checkpoint", id, statusOf(state, directory));
    const config = parseStoredConfig(readStoredConfig(context.root, id));
    checkTerminal(config);
    prepareDirectories(options);
    await dump(context, options, state, config);
  } finally {
    close(lockFd);
  }
  if (!options.leaveRunning && !options.preDump) await deleteContainer(context, { id, force: true });
}

function checkTerminal(config: Config): void {
  if (config.process?.terminal !== true) return;
  throw new RuntimeError(
    "ERR_NOT_SUPPORTED",
    "Cannot checkpoint a container with a terminal: its other side is not in it",
    {
      pointer: "/process/terminal",
    },
  );
}

/** The same directory may take one checkpoint after another. */
function prepareDirectories({ imagePath, workPath, parentPath }: CheckpointOptions): void {
  makeDirs(imagePath, DIRECTORY_MODE);
  if (workPath !== undefined) makeDirs(workPath, DIRECTORY_MODE);
  if (parentPath === undefined) return;
  const isThere = !parentPath.startsWith("/") && pathType(`${imagePath}/${parentPath}`) !== undefined;
  if (isThere) return;
  throw new UsageError(`Cannot find earlier images in ${JSON.stringify(parentPath)}`, {
    flag: "--parent-path",
    fix: "name their directory relative to the new images",
  });
}

async function dump(
  { criu }: RuntimeContext,
  options: CheckpointOptions,
  state: StoredState,
  config: Config,
): Promise<void> {
  const { id, imagePath, workPath = imagePath, statusFd } = options;
  if (!options.preDump) writeDescriptors(imagePath, state.pid);
  await runCriu({
    action: `checkpoint container "${id}"`,
    program: criu,
    args: dumpArguments(options, targetOf(state, config)),
    logFile: `${workPath}/dump.log`,
    ...(statusFd !== undefined && { keepFd: statusFd }),
  });
}

function targetOf(state: StoredState, config: Config): DumpTarget {
  const { pid, rootfs, bundle, cgroup } = state;
  const freezer = cgroup.v1.freezer ?? cgroup.v2;
  return {
    pid,
    rootfs,
    ...(freezer !== undefined && { freezer }),
    mounts: externalMounts({ config, bundle, rootfs, facts: probeHost().cgroup, cgroup }),
    namespaces: externalNamespaces(config).map(({ kind, key }) => `${kind}[${namespaceNumber(pid, kind)}]:${key}`),
  };
}

/** The number in a link such as "net:[4026531840]". Source: namespaces(7). */
function namespaceNumber(pid: number, kind: string): string {
  return /\[(\d+)\]/.exec(readLink(`/proc/${pid}/ns/${kind}`))?.[1] ?? "";
}

/** What the standard streams are: a restore gives its own in the place of pipes. */
function writeDescriptors(imagePath: string, pid: number): void {
  const links = [0, 1, 2].map((fd) => readLink(`/proc/${pid}/fd/${fd}`));
  writeAtomic(`${imagePath}/${DESCRIPTORS_FILE}`, JSON.stringify(links), FILE_MODE);
}
