import { SIGNALS } from "../../linux/signals.ts";
import { POLL_EVENTS, poll } from "../../sys/descriptors.ts";
import { catchSignals as catchNumbers, takeSignals } from "../../sys/processes.ts";
import { EngineError } from "../base/errors.ts";
import type { EngineContext } from "../container/engine-context.ts";
import {
  type Attachment,
  type MonitorEvents,
  sendDone,
  sendResize,
  sendSignal,
} from "../container/monitor-protocol.ts";
import type { ContainerRecord } from "../container/record.ts";
import { readContainer } from "../container/store.ts";

export interface AttachFlags {
  readonly "detach-keys"?: string;
  readonly "sig-proxy"?: "true" | "false";
}

export interface Streams {
  readonly input: boolean;
  readonly output: boolean;
  readonly error: boolean;
}

/** What a monitor is asked for when this process shows a container's streams. */
export function attachmentOf(
  record: Pick<ContainerRecord, "config">,
  streams: Streams,
  flags: AttachFlags,
  isCleaner: boolean,
): Attachment {
  const { Tty: hasTerminal } = record.config;
  return {
    ...(streams.input && { input: 0 }),
    ...(streams.output && { output: 1 }),
    ...(streams.error && !hasTerminal && { error: 2 }),
    isCleaner,
    isRaw: hasTerminal && streams.input,
    detachKeys: hasTerminal ? parseDetachKeys(flags["detach-keys"]) : [],
  };
}

/** "ctrl-p,ctrl-q": letters, or ctrl- and a letter or one of @[\]^_. Throws EngineError. */
export function parseDetachKeys(text = "ctrl-p,ctrl-q"): readonly number[] {
  return text
    .split(",")
    .filter((key) => key !== "")
    .map((key) => {
      const control = /^ctrl-([a-zA-Z@[\]\\^_])$/.exec(key)?.[1];
      if (control !== undefined) return control.toUpperCase().charCodeAt(0) - 64;
      if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
      throw new EngineError(`invalid detach keys "${text}"`, {
        code: "ERR_USAGE",
        flag: "--detach-keys",
        exitStatus: 125,
      });
    });
}

/** What docker passes on: all but those about children and pipes. */
const PROXIED = ["HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "CONT"] as const;
const { WINCH } = SIGNALS;

/** The signals of this process on their way to a container: a descriptor that takeSignals reads. */
export type SignalSource = number;

/** Catches signals before the container is there: one that comes early must not end this process instead of it. */
export function catchSignals({ "sig-proxy": proxy }: AttachFlags): SignalSource {
  const names = proxy === "false" ? [] : PROXIED;
  return catchNumbers(["WINCH", ...names].flatMap((name) => SIGNALS[name] ?? []));
}

/** Stays with a container until it ends or the caller detaches. Gives the exit status for the caller. */
export async function followContainer(
  context: EngineContext,
  id: string,
  events: MonitorEvents,
  { isCleaner, signals }: { readonly isCleaner: boolean; readonly signals: SignalSource },
): Promise<number> {
  const next = () => events.nextBlocking(() => passSignals(signals, events.socket));
  try {
    for (;;) {
      const event = next();
      if (event.kind === "detached") return 0;
      if (event.kind === "closed") return await afterLoss(context, id);
      if (event.kind !== "exit") continue;
      if (isCleaner) await cleanUp(context, id, events);
      // Everybody else waits until it is done.
      else while (next().kind !== "closed");
      return event.status;
    }
  } finally {
    events.close();
  }
}

/** Passes signals on until there is something to read of the monitor's. */
function passSignals(signals: SignalSource, socket: number): void {
  for (;;) {
    const requests = [signals, socket].map((fd) => ({ fd, events: POLL_EVENTS.readable }));
    const [signalled, answered] = poll(requests, -1);
    if (signalled !== 0) for (const number of takeSignals(signals)) pass(number, socket);
    if (answered !== 0) return;
  }
}

/** A monitor that has gone is noticed by the end of its connection. */
function pass(signal: number, socket: number): void {
  try {
    if (signal === WINCH) sendResize(socket);
    else sendSignal(socket, signal);
  } catch {}
}

async function cleanUp(context: EngineContext, id: string, events: MonitorEvents): Promise<void> {
  await (await finishing()).finishContainer(context, id);
  sendDone(events.socket);
}

/** Loaded while the container starts: by then this process has nothing else to do. */
export function finishing(): Promise<typeof import("../container/finish-container.ts")> {
  return import("../container/finish-container.ts");
}

/** The monitor was killed: the container may run on, without anybody who shows it. */
async function afterLoss(context: EngineContext, id: string): Promise<number> {
  await (await finishing()).finishContainer(context, id);
  const record = readContainer(context.paths, id);
  if (record?.life.phase === "exited") return record.life.exitCode;
  throw new EngineError(`Cannot show the container any more: its monitor has ended`, {
    fix: `"mydocker attach ${id.slice(0, 12)}" connects anew`,
  });
}
