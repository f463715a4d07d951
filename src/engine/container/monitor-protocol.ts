import { close, readFd, sendFds, writeFd } from "../../sys/descriptors.ts";

/** What a monitor tells its clients: see native/monitor_client.c. */
export type MonitorEvent =
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "failed"; readonly status: number }
  | { readonly kind: "exit"; readonly status: number }
  | { readonly kind: "detached" }
  /** The connection has ended: all is done, or the monitor was killed. */
  | { readonly kind: "closed" };

export interface Attachment {
  /** Own descriptors that the monitor gets copies of. */
  readonly input?: number;
  readonly output?: number;
  readonly error?: number;
  /** This process clears up after the container, and says so by sendDone. */
  readonly isCleaner: boolean;
  /** The monitor makes the input's terminal raw, and puts it back at the end. */
  readonly isRaw: boolean;
  /** How it was before, for who follows: a monitor that is killed does not put it back. */
  readonly terminalMode?: Uint8Array;
  /** The bytes that end the attachment. */
  readonly detachKeys: readonly number[];
}

/** Tells a monitor what this process wants; the answers come as lines. */
export function sendAttachment(
  socket: number,
  { input, output, error, isCleaner, isRaw, detachKeys }: Attachment,
): void {
  const fds = [input, output, error];
  const letters = ["i", "o", "e"].filter((_, index) => fds[index] !== undefined).join("");
  const flags = `${letters}${isCleaner ? "c" : ""}${isRaw ? "r" : ""}` || "-";
  const keys = detachKeys.map((key) => key.toString(16).padStart(2, "0")).join("");
  sendFds(
    socket,
    `attach ${flags} ${keys}\n`,
    fds.filter((fd) => fd !== undefined),
  );
}

export function sendSignal(socket: number, signal: number): void {
  writeFd(socket, `signal ${signal}\n`);
}

export function sendResize(socket: number): void {
  writeFd(socket, "resize\n");
}

/** The cleaner has cleared up: the monitor ends. */
export function sendDone(socket: number): void {
  writeFd(socket, "done\n");
}

/** The events of a connection, one after the other. */
export class MonitorEvents {
  readonly socket: number;
  #text = "";

  constructor(socket: number) {
    this.socket = socket;
  }

  /** Waits for the next event, and blocks this process; `wait` is called before each read. */
  nextBlocking(wait: () => void = () => {}): MonitorEvent {
    for (;;) {
      const event = this.#take();
      if (event !== undefined) return event;
      wait();
      const chunk = readSocket(this.socket);
      if (chunk === "") return { kind: "closed" };
      this.#text += chunk;
    }
  }

  /** Waits for the next event while signals are handled. */
  async next(): Promise<MonitorEvent> {
    const { read } = await import("node:fs");
    const buffer = new Uint8Array(CHUNK);
    for (;;) {
      const event = this.#take();
      if (event !== undefined) return event;
      const length = await new Promise<number>((resolve) => {
        read(this.socket, buffer, 0, CHUNK, null, (error, bytes) => resolve(error === null ? bytes : 0));
      });
      if (length === 0) return { kind: "closed" };
      this.#text += new TextDecoder().decode(buffer.subarray(0, length));
    }
  }

  close(): void {
    close(this.socket);
  }

  #take(): MonitorEvent | undefined {
    const end = this.#text.indexOf("\n");
    if (end === -1) return undefined;
    const [word, number] = this.#text.slice(0, end).split(" ");
    this.#text = this.#text.slice(end + 1);
    if (word === "started") return { kind: "started", pid: Number(number) };
    if (word === "failed" || word === "exit") return { kind: word, status: Number(number) };
    return { kind: "detached" };
  }
}

const CHUNK = 1024;

/** A monitor that was killed resets the connection: that is its end as well. */
function readSocket(socket: number): string {
  try {
    return readFd(socket, CHUNK);
  } catch {
    return "";
  }
}
