import type { RuntimeApi } from "./runtime-api.ts";

/** What the command line needs of the process and the machine that it runs on. */
export interface Host {
  /** The command that starts this program again, without arguments. */
  readonly selfArgv: readonly string[];
  /** The engine and its version, for --version. */
  readonly engine: string;
  readonly cwd: () => string;
  readonly env: (name: string) => string | undefined;
  readonly effectiveUid: () => number;
  readonly isInUserNamespace: () => boolean;
  readonly isTerminal: (fd: number) => boolean;
  /** RFC 3339, UTC. */
  readonly now: () => string;
  /** Writes all of it before it returns: the process may end, or become another program, right after. */
  readonly write: (fd: number, text: string) => void;
  /** Appends in one write, and creates the file where it is missing. */
  readonly append: (path: string, text: string) => void;
  readonly loadRuntime: () => Promise<RuntimeApi>;
}
