import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findProgram } from "../../src/tools/make-rootfs.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { makeImageArchive } from "./clients-image.ts";
import { ClientSandbox } from "./clients-sandbox.ts";
import { needsRoot } from "./needs.ts";
import { missingRuntime } from "./runtime-under-test.ts";

/** A runtime that a client is told to use. */
export interface ClientRuntime {
  readonly name: "runc" | "mydocker-runtime";
  readonly path: string;
}

/** A client that is ready to use a runtime. */
export interface Client {
  /** Removes the containers that steps have left, and fails when something of them stays. */
  readonly cleanUp: () => Promise<void>;
}

/** What a person would do with the client. What it returns must be the same with both runtimes. */
export type Step<C extends Client> = (client: C) => Promise<unknown>;

export interface ClientTests<C extends Client> {
  /** The programs that have to be there, and the Debian packages that bring them. */
  readonly programs: readonly string[];
  readonly packages: string;
  /** Starts the client's daemons and loads the image of makeImageArchive. */
  readonly open: (sandbox: ClientSandbox, image: string, runtime: ClientRuntime) => Promise<C>;
  readonly steps: Readonly<Record<string, Step<C>>>;
}

const TIMEOUT_MS = 180_000;
const REASON_LENGTH = 300;
const OURS: ClientRuntime = { name: "mydocker-runtime", path: join(PROJECT_ROOT, "dist/mydocker-runtime") };

/**
 * Declares a test for each step, and one for what they leave. A step is done with runc first: where it fails there it
 * is skipped with runc's reason, where it passes it has to pass with this project's runtime.
 */
export function testClient<C extends Client>(name: string, tests: ClientTests<C>): void {
  describe(name, { skip: skipReason(tests) ?? false }, () => {
    const session = new Session(tests);
    before(() => session.open(), { timeout: TIMEOUT_MS });
    after(() => session.close(), { timeout: TIMEOUT_MS });
    for (const [step, body] of Object.entries(tests.steps)) {
      it(step, { timeout: TIMEOUT_MS }, async (context) => {
        const reason = await session.compare(body);
        if (reason !== undefined) context.skip(reason);
      });
    }
    it("leaves nothing behind", { timeout: TIMEOUT_MS }, async (context) => {
      const reason = await session.compare((client) => client.cleanUp());
      if (reason !== undefined) context.skip(reason);
    });
  });
}

/** The client twice, each in namespaces of its own. */
class Session<C extends Client> {
  readonly #tests: ClientTests<C>;
  readonly #sandboxes: ClientSandbox[] = [];
  #clients: readonly [onRunc: C, onOurs: C] | undefined;
  #problem = "";

  constructor(tests: ClientTests<C>) {
    this.#tests = tests;
  }

  /** A client that does not start on this machine makes its tests skip: no runtime has been called yet. */
  async open(): Promise<void> {
    const runc: ClientRuntime = { name: "runc", path: findProgram("runc") ?? "runc" };
    try {
      this.#clients = await Promise.all([this.#openClient(runc), this.#openClient(OURS)]);
    } catch (error) {
      this.#problem = `cannot start here: ${briefly(error)}`;
    }
  }

  async close(): Promise<void> {
    for (const sandbox of this.#sandboxes) await sandbox.close();
  }

  /** Says why the step cannot be done here, or undefined when it did the same with both runtimes. */
  async compare(step: Step<C>): Promise<string | undefined> {
    if (this.#clients === undefined) return this.#problem;
    const [onRunc, onOurs] = this.#clients;
    let expected: unknown;
    try {
      expected = await step(onRunc);
    } catch (error) {
      return `fails with runc: ${briefly(error)}`;
    }
    assert.deepEqual(await step(onOurs), expected);
    return undefined;
  }

  async #openClient(runtime: ClientRuntime): Promise<C> {
    const sandbox = await ClientSandbox.open();
    this.#sandboxes.push(sandbox);
    const directory = join(sandbox.shared, "image");
    mkdirSync(directory);
    return await this.#tests.open(sandbox, makeImageArchive(directory), runtime);
  }
}

function skipReason({ programs, packages }: Pick<ClientTests<Client>, "programs" | "packages">): string | undefined {
  const missing = ["runc", "busybox", ...programs].filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) return needsRoot() ?? missingRuntime();
  const install = `apt-get install --no-install-recommends runc busybox-static ${packages}`;
  return `needs ${missing.join(", ")}: ${install}`;
}

/** In one line, and not all of it: runtimes and clients are given to repeating themselves. */
function briefly(error: unknown): string {
  const line = String(error instanceof Error ? error.message : error).replaceAll(/\s+/g, " ");
  return line.length > REASON_LENGTH ? `${line.slice(0, REASON_LENGTH)}…` : line;
}
