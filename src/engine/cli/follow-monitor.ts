import { SIGNALS } from "../../linux/signals.ts";
import { POLL_EVENTS, poll, setTerminalMode } from "../../sys/descriptors.ts";
import { catchSignals as catchNumbers, takeSignals } from "../../sys/processes.ts";
import {
  type Attachment,
  type MonitorEvents,
  sendDone,
  sendResize,
  sendSignal,
} from "../container/monitor-protocol.ts";

/** What docker passes on: all but those about children and pipes. */
const PROXIED = ["HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "CONT"] as const;
const { WINCH } = SIGNALS;

/** The signals of this process on their way to a container: a descriptor that takeSignals reads. */
export type SignalSource = number;

/** Catches signals before the container is there: one that comes early must not end this process instead of it. */
export function catchSignals({ "sig-proxy": proxy }: { readonly "sig-proxy"?: "true" | "false" }): SignalSource {
  const names = proxy === "false" ? [] : PROXIED;
  return catchNumbers(["WINCH", ...names].flatMap((name) => SIGNALS[name] ?? []));
}

/** What is to be done about what a monitor holds, a container or a program in one. */
export interface Follower {
  readonly attachment: Attachment;
  readonly signals: SignalSource;
  /** Clears up afterwards; absent where others do. */
  readonly cleanUp?: () => Promise<void>;
  readonly onDetached: () => void;
  /** The exit status where the monitor was killed. */
  readonly afterLoss: () => Promise<number>;
}

/** Stays with what a monitor holds until that ends or the caller detaches. Gives the exit status for the caller. */
export async function followMonitor(events: MonitorEvents, follower: Follower): Promise<number> {
  const { attachment, signals, cleanUp, onDetached, afterLoss } = follower;
  const next = () => events.nextBlocking(() => passSignals(signals, events.socket));
  try {
    for (;;) {
      const event = next();
      if (event.kind === "detached") {
        onDetached();
        return 0;
      }
      if (event.kind === "closed") {
        if (attachment.terminalMode !== undefined) setTerminalMode(0, attachment.terminalMode);
        return await afterLoss();
      }
      if (event.kind !== "exit") continue;
      if (cleanUp !== undefined) {
        await cleanUp();
        sendDone(events.socket);
      }
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
