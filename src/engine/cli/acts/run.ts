import type { Host } from "../../../cli/host.ts";
import { EngineError, EXIT_STATUS } from "../../base/errors.ts";
import type { EngineContext } from "../../container/engine-context.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { startContainer } from "../../container/start-container.ts";
import type { EngineAct, EngineSurroundings } from "../act.ts";
import { attachmentOf, type Streams } from "../attachment.ts";
import type { AnyEngineCall, EngineFlags } from "../call.ts";
import { consoleSize } from "../console-size.ts";
import { createFromLine, imageWord } from "../create-from-line.ts";
import { finishing, followContainer } from "../follow-container.ts";
import { catchSignals } from "../follow-monitor.ts";
import { timedContext } from "../timed-context.ts";

export const act: EngineAct<"run"> = async ({ flags, args }, at) => {
  const { context, clock } = timedContext(at, flags.time);
  try {
    return await run(context, { flags, args }, at);
  } finally {
    if (clock !== undefined) at.host.write(2, clock.text());
  }
};

type RunLine = Pick<AnyEngineCall<"run">, "flags" | "args">;

async function run(context: EngineContext, { flags, args }: RunLine, at: EngineSurroundings): Promise<number> {
  const { endPhase = () => {} } = context;
  const isLookedAt = flags.plan || flags.explain;
  imageWord(args);
  if (!isLookedAt) checkFlags(flags, at.host);
  endPhase("start mydocker");
  const record = await createFromLine(context, at, { flags, args, isDetached: flags.detach });
  endPhase("make the container");
  if (isLookedAt) return await (await import("../insight.ts")).showInsight(context, record, flags, at.print);
  const isCleaner = !flags.detach && record.hostConfig.RestartPolicy.Name === "no";
  const attachment = attachmentOf({
    streams: streamsOf(flags),
    hasTerminal: flags.tty,
    detachKeys: flags["detach-keys"],
    isCleaner,
  });
  const size = consoleSize(at.host, flags.tty && !flags.detach);
  const signals = flags.detach ? undefined : catchSignals(flags);
  try {
    const { events } = await startContainer(context, {
      id: record.id,
      attachment,
      ...(isCleaner && { meanwhile: finishing }),
      ...(size !== undefined && { consoleSize: size }),
      ...(flags.trace && { printSteps: (text: string) => at.host.write(2, text) }),
      keepsFailure: flags["keep-on-failure"],
    });
    if (signals !== undefined) return await followContainer(context, record.id, events, { attachment, signals });
    events.close();
    at.print(`${record.id}\n`);
    return 0;
  } catch (error) {
    if (flags["keep-on-failure"]) (await import("../tell-kept.ts")).tellKept(context, record);
    else await removeFailed(context, record, error);
    throw error;
  }
}

/** A container that removes itself goes also where it could not be started. */
async function removeFailed(
  context: EngineContext,
  { id, hostConfig }: ContainerRecord,
  error: unknown,
): Promise<void> {
  if (!hostConfig.AutoRemove || !(error instanceof Error)) return;
  const { removeContainer } = await import("../../container/remove-container.ts");
  await removeContainer(context, id, { force: true, withVolumes: true }).catch(() => {});
}

const STREAMS: readonly string[] = ["stdin", "stdout", "stderr"];

function checkFlags(flags: EngineFlags<"run">, host: Pick<Host, "isTerminal">): void {
  if (flags.detach && flags.attach.length > 0) {
    throw new EngineError("conflicting options: cannot specify both --attach and --detach", {
      code: "ERR_USAGE",
      exitStatus: EXIT_STATUS.failure,
    });
  }
  const unknown = flags.attach.find((stream) => !STREAMS.includes(stream.toLowerCase()));
  if (unknown !== undefined) {
    throw new EngineError(
      `invalid argument "${unknown}" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR`,
      { code: "ERR_USAGE", exitStatus: EXIT_STATUS.engine },
    );
  }
  if (flags.tty && flags.interactive && !flags.detach && !host.isTerminal(0)) {
    throw new EngineError("the input device is not a TTY", {
      code: "ERR_USAGE",
      exitStatus: 1,
      fix: "leave out -t, or call it on a terminal",
    });
  }
}

/** With -a only what it names; otherwise the output, and with -i the input. */
function streamsOf(flags: EngineFlags<"run">): Streams {
  if (flags.detach) return { input: false, output: false, error: false };
  const asked = flags.attach.map((stream) => stream.toLowerCase());
  const has = (stream: string) => asked.length === 0 || asked.includes(stream);
  return { input: flags.interactive && has("stdin"), output: has("stdout"), error: has("stderr") };
}
