import { fullReference, parseTagged } from "../../base/reference.ts";
import { commandOf } from "../../container/command-of.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { findContainer } from "../../container/store.ts";
import { whilePaused } from "../../container/while-paused.ts";
import { commitContainer } from "../../image/commit-container.ts";
import type { ImageRunConfig } from "../../image/image.ts";
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
    const commit = () => commitContainer(context.paths, request);
    const id = flags["no-pause"] ? await commit() : await whilePaused(context, record, commit);
    progress.end();
    at.print(`${id}\n`);
  } finally {
    progress.end();
  }
};

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
