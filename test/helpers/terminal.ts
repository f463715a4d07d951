import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PROBE } from "./probe.ts";
import { TIME_SCALE } from "./time-scale.ts";

const PTY = join(dirname(PROBE), "pty");
const TIMEOUT_MS = 60_000 * TIME_SCALE;
const POLL_MS = 10;

/** What test/probe/pty.c tells of a descriptor that it was sent. */
export interface ReceivedDescriptor {
  readonly message: string;
  readonly isatty: boolean;
  /** The text of /proc/self/fdinfo. */
  readonly fdinfo: string;
  readonly rows: number;
  readonly columns: number;
}

export interface TerminalEnd {
  readonly status: number;
  /** Whether the program has left the terminal's mode as it found it. */
  readonly isModeRestored: boolean;
}

/** The person's side of a terminal. Everything waits a minute at most. */
export class Terminal {
  #shown = "";
  #events: unknown[] = [];
  readonly #child: ChildProcess;

  private constructor(args: readonly string[]) {
    this.#child = spawn(PTY, args, { stdio: ["pipe", "pipe", "inherit", "pipe"] });
    this.#child.stdin?.on("error", () => {});
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#shown += text;
    });
    let lines = "";
    this.#child.stdio[3]?.on("data", (bytes: Buffer) => {
      lines += bytes.toString();
      this.#events = lines
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    });
  }

  /** Starts a program on a new terminal of this size. */
  static run(rows: number, columns: number, argv: readonly string[]): Terminal {
    return new Terminal(["run", String(rows), String(columns), ...argv]);
  }

  /** Listens at a new socket for a descriptor. */
  static receive(socket: string): Terminal {
    return new Terminal(["receive", socket]);
  }

  /** All that the terminal has shown. */
  get shown(): string {
    return this.#shown;
  }

  type(text: string): void {
    this.#child.stdin?.write(`type ${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}\n`);
  }

  resize(rows: number, columns: number): void {
    this.#child.stdin?.write(`resize ${rows} ${columns}\n`);
  }

  /** Closes the person's side. */
  hangUp(): void {
    this.#child.stdin?.write("hangup\n");
  }

  async waitFor(pattern: RegExp): Promise<void> {
    await this.#until(() => pattern.test(this.#shown), `the terminal to show ${pattern}`);
  }

  /** The process id of the program that `run` started. */
  async pid(): Promise<number> {
    return (await this.#event<{ readonly pid: number }>(0)).pid;
  }

  received(): Promise<ReceivedDescriptor> {
    return this.#event<ReceivedDescriptor>(0);
  }

  /** Waits until the program that `run` started has ended. */
  ended(): Promise<TerminalEnd> {
    return this.#event<TerminalEnd>(1);
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }

  async #event<Event>(index: number): Promise<Event> {
    await this.#until(() => this.#events.length > index, `event ${index} of the terminal's driver`);
    // test/probe/pty.c writes them, in this order.
    return this.#events[index] as Event;
  }

  async #until(isDone: () => boolean, what: string): Promise<void> {
    for (const deadline = Date.now() + TIMEOUT_MS; !isDone(); await delay(POLL_MS)) {
      assert.ok(Date.now() < deadline, `waited in vain for ${what}; it shows: ${JSON.stringify(this.#shown)}`);
    }
  }
}
