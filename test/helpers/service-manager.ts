import { setTimeout as delay } from "node:timers/promises";
import { bindDatagrams, close, POLL_EVENTS, poll, readFd } from "../../src/sys/descriptors.ts";
import type { TestBox } from "./test-box.ts";
import { TIME_SCALE } from "./time-scale.ts";

const MAX_MESSAGE = 4096;
const WAIT_MS = 10_000 * TIME_SCALE;
const POLL_MS = 10;

/** The side of systemd that a service tells when it is ready. Source: sd_notify(3). */
export class ServiceManager {
  /** What the service's environment says. */
  readonly env: { readonly NOTIFY_SOCKET: string };
  readonly #socket: number;

  constructor(box: TestBox) {
    this.env = { NOTIFY_SOCKET: box.path("manager.sock") };
    this.#socket = bindDatagrams(box.directory, "manager.sock");
  }

  /** The next message; "" where none comes. A descriptor that came with it is closed, which answers a barrier. */
  async hear(waitMs = WAIT_MS): Promise<string> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      if (poll([{ fd: this.#socket, events: POLL_EVENTS.readable }], 0)[0] !== 0)
        return readFd(this.#socket, MAX_MESSAGE);
      if (Date.now() >= deadline) return "";
      await delay(POLL_MS);
    }
  }

  close(): void {
    close(this.#socket);
  }
}
