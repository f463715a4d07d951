import type { Process } from "../../config/types.gen.ts";
import { splitPair } from "../base/parse-size.ts";
import type { ResolvedUser } from "../config-builder/bundle-input.ts";
import { capabilitySets } from "../config-builder/process.ts";

/** What one more program of a container has that differs from its first one. */
export interface ExecChanges {
  readonly command: readonly string[];
  readonly hasTerminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  /** Variables over those of the container, "NAME=VALUE". */
  readonly env: readonly string[];
  readonly user?: ResolvedUser;
  readonly workdir?: string;
  /** Every capability that there is to give; absent: the container's own. */
  readonly capabilities?: readonly string[];
}

/**
 * /process of one more program: the container's own with the changes. A user that was named has its own groups and none of
 * the container's. Pure.
 */
export function execProcess(own: Process, changes: ExecChanges): Process {
  const { command, hasTerminal, user, workdir } = changes;
  const capabilities = changes.capabilities ?? own.capabilities?.bounding ?? [];
  const { consoleSize: _, ...kept } = own;
  return {
    ...kept,
    args: command,
    terminal: hasTerminal,
    ...(hasTerminal && changes.consoleSize !== undefined && { consoleSize: changes.consoleSize }),
    env: mergedEnvironment(own.env ?? [], changes),
    ...(workdir !== undefined && { cwd: workdir }),
    ...(user !== undefined && {
      user: { ...own.user, uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    }),
    capabilities: capabilitySets(capabilities, (user ?? own.user)?.uid ?? 0),
  };
}

/** Of two with one name the last counts. */
function mergedEnvironment(own: readonly string[], { env, user, hasTerminal }: ExecChanges): readonly string[] {
  const implied = [...(user === undefined ? [] : [`HOME=${user.home}`]), ...(hasTerminal ? ["TERM=xterm"] : [])];
  const variables = new Map([...own, ...implied, ...env].map((entry) => splitPair(entry)));
  return [...variables].map(([name, value]) => `${name}=${value ?? ""}`);
}
