import type { Host } from "../../../src/cli/host.ts";
import type { RuntimeApi } from "../../../src/cli/runtime-api.ts";

/** What a line made the program write, and where it went. */
export interface Written {
  stdout: string;
  stderr: string;
  /** The text of each log file, by path. */
  readonly files: Map<string, string>;
}

export interface FakeHost extends Host {
  readonly written: Written;
}

export const NOW = "2026-11-21T10:00:00.000Z";

/** A host that keeps what is written. A runtime function that was not given must not be called. */
export function fakeHost(runtime: Partial<RuntimeApi> = {}, parts: Partial<Host> = {}): FakeHost {
  const written: Written = { stdout: "", stderr: "", files: new Map() };
  return {
    written,
    selfArgv: ["/usr/bin/mydocker-runtime"],
    engine: "bun 1.0.0",
    cwd: () => "/work",
    env: () => undefined,
    effectiveUid: () => 0,
    isInUserNamespace: () => false,
    isTerminal: () => false,
    now: () => NOW,
    write: (fd, text) => {
      if (fd === 1) written.stdout += text;
      else written.stderr += text;
    },
    append: (path, text) => {
      written.files.set(path, (written.files.get(path) ?? "") + text);
    },
    // Partial on purpose: a missing function fails the test that calls it.
    loadRuntime: async () => runtime as RuntimeApi,
    ...parts,
  };
}
