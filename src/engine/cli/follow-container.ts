import { EngineError } from "../base/errors.ts";
import type { EngineContext } from "../container/engine-context.ts";
import { finishContainer } from "../container/finish-container.ts";
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
const PROXIED = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGTERM", "SIGCONT"] as const;

/** Stays with a container until it ends or the caller detaches. Gives the exit status for the caller. */
export async function followContainer(
  context: EngineContext,
  id: string,
  events: MonitorEvents,
  { isCleaner, signals }: { readonly isCleaner: boolean; readonly signals: SignalProxy },
): Promise<number> {
  signals.connect(events);
  try {
    for (;;) {
      const event = await events.next();
      if (event.kind === "detached") return 0;
      if (event.kind === "exit") return await afterExit(context, id, events, event.status, isCleaner);
      if (event.kind === "closed") return await afterLoss(context, id);
    }
  } finally {
    events.close();
  }
}

/** The signals of this process on their way to a container. */
export interface SignalProxy {
  /** Where they go from now on; those that came before go there first. */
  readonly connect: (events: MonitorEvents) => void;
}

/** Catches signals before the container is there: one that comes early must not end this process instead of it. */
export function catchSignals({ "sig-proxy": proxy }: AttachFlags): SignalProxy {
  const { constants } = process.getBuiltinModule("node:os");
  const early: ((socket: number) => void)[] = [];
  let socket: number | undefined;
  const pass = (send: (socket: number) => void) => () => {
    if (socket === undefined) early.push(send);
    else quietly(() => send(socket ?? -1));
  };
  process.on("SIGWINCH", pass(sendResize));
  for (const name of proxy === "false" ? [] : PROXIED) {
    process.on(
      name,
      pass((to) => sendSignal(to, constants.signals[name])),
    );
  }
  return {
    connect: (events) => {
      socket = events.socket;
      for (const send of early) quietly(() => send(events.socket));
    },
  };
}

/** A monitor that has gone is noticed by the end of its connection. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {}
}

/** Who cleans up does it before it ends; everybody else waits until it is done. */
async function afterExit(
  context: EngineContext,
  id: string,
  events: MonitorEvents,
  status: number,
  isCleaner: boolean,
): Promise<number> {
  if (!isCleaner) {
    for (let event = await events.next(); event.kind !== "closed"; ) event = await events.next();
    return status;
  }
  await finishContainer(context, id);
  sendDone(events.socket);
  return status;
}

/** The monitor was killed: the container may run on, without anybody who shows it. */
async function afterLoss(context: EngineContext, id: string): Promise<number> {
  await finishContainer(context, id);
  const record = readContainer(context.paths, id);
  if (record?.life.phase === "exited") return record.life.exitCode;
  throw new EngineError(`Cannot show the container any more: its monitor has ended`, {
    fix: `"mydocker attach ${id.slice(0, 12)}" connects anew`,
  });
}
