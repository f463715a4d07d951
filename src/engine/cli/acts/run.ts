import { EngineError, EXIT_STATUS } from "../../base/errors.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { startContainer } from "../../container/start-container.ts";
import type { EngineAct } from "../act.ts";
import { attachmentOf, type Streams } from "../attachment.ts";
import type { EngineFlags } from "../call.ts";
import { consoleSize } from "../console-size.ts";
import { createFromLine } from "../create-from-line.ts";
import { engineContext } from "../engine-context.ts";
import { finishing, followContainer } from "../follow-container.ts";
import { catchSignals } from "../follow-monitor.ts";

export const act: EngineAct<"run"> = async ({ flags, args }, at) => {
  const context = engineContext(at);
  if (!flags.plan) checkFlags(flags, at.host.isTerminal(0));
  const record = await createFromLine(context, at, { flags, args, isDetached: flags.detach });
  if (flags.plan) return await showPlan(context, record, at.print);
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
    });
    if (signals !== undefined) return await followContainer(context, record.id, events, { isCleaner, signals });
    events.close();
    at.print(`${record.id}\n`);
    return 0;
  } catch (error) {
    await removeFailed(context, record, error);
    throw error;
  }
};

/** The container was made to be looked at only. */
async function showPlan(
  context: ReturnType<typeof engineContext>,
  record: ContainerRecord,
  print: (text: string) => void,
): Promise<number> {
  const { planContainer } = await import("../../container/plan-container.ts");
  const { removeContainer } = await import("../../container/remove-container.ts");
  try {
    print(`${(await planContainer(context, record)).trimEnd()}\n`);
    return 0;
  } finally {
    await removeContainer(context, record.id, { force: true, withVolumes: true });
  }
}

/** A container that removes itself goes also where it could not be started. */
async function removeFailed(
  context: ReturnType<typeof engineContext>,
  { id, hostConfig }: ContainerRecord,
  error: unknown,
): Promise<void> {
  if (!hostConfig.AutoRemove || !(error instanceof Error)) return;
  const { removeContainer } = await import("../../container/remove-container.ts");
  await removeContainer(context, id, { force: true, withVolumes: true }).catch(() => {});
}

const STREAMS: readonly string[] = ["stdin", "stdout", "stderr"];

function checkFlags(flags: EngineFlags<"run">, isTerminal: boolean): void {
  const unknown = flags.attach.find((stream) => !STREAMS.includes(stream.toLowerCase()));
  if (unknown !== undefined) {
    throw new EngineError(
      `invalid argument "${unknown}" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR`,
      { code: "ERR_USAGE", exitStatus: EXIT_STATUS.engine },
    );
  }
  if (flags.tty && flags.interactive && !flags.detach && !isTerminal) {
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
