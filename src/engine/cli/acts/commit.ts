import { RuntimeError } from "../../../base/errors.ts";
import { fullReference, parseTagged } from "../../base/reference.ts";
import { commandOf } from "../../container/command-of.ts";
import type { EngineContext } from "../../container/engine-context.ts";
import { pauseContainer } from "../../container/pause-container.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { liveStatus } from "../../container/status.ts";
import { findContainer } from "../../container/store.ts";
import { commitContainer } from "../../image/commit-container.ts";
import type { ImageId, ImageRunConfig } from "../../image/image.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";
import { progressOf } from "../show-progress.ts";

export const act: EngineAct<"commit"> = async ({ flags, args: [word, name] }, at) => {
  const context = engineContext(at);
  const record = findContainer(context.paths, word);
  const progress = progressOf(at, "Committing", { kind: "stdin" });
  const request = {
    containerId: record.id,
    config: runConfigOf(record),
    command: commandOf(record.config).join(" "),
    references: name === undefined ? [] : [fullReference(parseTagged(name))],
    author: flags.author ?? "",
    message: flags.message ?? "",
    changes: flags.change,
    compression: (["gzip", "zstd", "none"] as const).find((kind) => kind === flags.compression) ?? "gzip",
    onBytes: progress.add,
  } as const;
  try {
    const isPaused = flags["no-pause"] !== true;
    const id = await suspended(context, record, isPaused, () => commitContainer(context.paths, request));
    progress.end();
    at.print(`${id}\n`);
  } finally {
    progress.end();
  }
};

/** A container that is paused already stays so. */
async function suspended(
  context: EngineContext,
  record: ContainerRecord,
  isWanted: boolean,
  act: () => Promise<ImageId>,
): Promise<ImageId> {
  if (!isWanted || liveStatus(context.paths, record).status !== "running") return await act();
  if (!(await couldPause(context, record))) return await act();
  try {
    return await act();
  } finally {
    await pauseContainer(context, record, false);
  }
}

/** Without a cgroup a container goes on meanwhile, which is told: so are most of ordinary users' containers. */
async function couldPause(context: EngineContext, record: ContainerRecord): Promise<boolean> {
  try {
    await pauseContainer(context, record, true);
    return true;
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== "ERR_NOT_SUPPORTED") throw error;
    context.warn(`${error.message}; it goes on while its files are read`);
    return false;
  }
}

/** What of a container its image takes over; not its name, its streams and its limits. */
function runConfigOf({ config }: ContainerRecord): ImageRunConfig {
  const { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels, StopSignal, StopTimeout } = config;
  return {
    Env,
    ...(User === "" ? {} : { User }),
    ...(ExposedPorts === undefined ? {} : { ExposedPorts }),
    ...(Entrypoint.length === 0 ? {} : { Entrypoint }),
    ...(Cmd.length === 0 ? {} : { Cmd }),
    ...(Volumes === undefined ? {} : { Volumes }),
    ...(WorkingDir === "" ? {} : { WorkingDir }),
    ...(Object.keys(Labels).length === 0 ? {} : { Labels }),
    ...(StopSignal === undefined ? {} : { StopSignal }),
    ...(StopTimeout === undefined ? {} : { StopTimeout }),
  };
}
