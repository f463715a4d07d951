import { UsageError } from "../base/errors.ts";
import type { Process } from "../config/types.gen.ts";
import { CAPABILITIES } from "../linux/capabilities.ts";
import type { ProcessChanges } from "./options.ts";

export interface ChangedProcess {
  readonly process: Process;
  /** The flags that changed something, by the place in the config that they stand for. */
  readonly flags: Readonly<Record<string, string>>;
}

type Change = Partial<Process>;

/**
 * The container's process with what the flags of `exec` change. Pure. Throws UsageError for a value that no process
 * can have.
 */
export function changedProcess(own: Process | undefined, changes: ProcessChanges): ChangedProcess {
  if (changes.args.length === 0) {
    throw new UsageError("process args cannot be empty", { fix: "name the command to run, or a file with --process" });
  }
  const base = own ?? { cwd: "/" };
  const flags: Record<string, string> = {};
  let process: Process = { ...base, args: changes.args, terminal: changes.terminal === true };
  for (const [pointer, { flag, change }] of Object.entries(CHANGES)) {
    const changed = change(changes, process);
    if (changed === undefined) continue;
    process = { ...process, ...changed };
    flags[pointer] = flag;
  }
  return { process, flags };
}

interface FlagOfProcess {
  readonly flag: string;
  /** Undefined where the flag was not given. */
  readonly change: (changes: ProcessChanges, process: Process) => Change | undefined;
}

/** By the place in the config that the flag is about. */
const CHANGES: Readonly<Record<string, FlagOfProcess>> = {
  "/process/terminal": { flag: "--tty", change: ({ terminal }) => (terminal ? { terminal } : undefined) },
  "/process/cwd": { flag: "--cwd", change: changeCwd },
  "/process/env": { flag: "--env", change: changeEnv },
  "/process/user/additionalGids": { flag: "--additional-gids", change: changeAdditionalGids },
  "/process/user": { flag: "--user", change: changeUser },
  "/process/capabilities": { flag: "--cap", change: changeCapabilities },
  "/process/noNewPrivileges": {
    flag: "--no-new-privs",
    change: ({ noNewPrivileges }) => (noNewPrivileges ? { noNewPrivileges } : undefined),
  },
  "/process/apparmorProfile": {
    flag: "--apparmor",
    change: ({ apparmorProfile }) => (apparmorProfile === undefined ? undefined : { apparmorProfile }),
  },
  "/process/selinuxLabel": {
    flag: "--process-label",
    change: ({ selinuxLabel }) => (selinuxLabel === undefined ? undefined : { selinuxLabel }),
  },
};

function changeCwd({ cwd }: ProcessChanges): Change | undefined {
  if (cwd === undefined) return undefined;
  if (cwd.startsWith("/")) return { cwd };
  throw new UsageError(`Cannot run in ${JSON.stringify(cwd)}: the working directory must be an absolute path`, {
    flag: "--cwd",
    fix: `write "/${cwd}"`,
  });
}

/** Each variable once: many programs take the first of two, and their authors expect the last. */
function changeEnv({ env = [], terminal }: ProcessChanges, process: Process): Change | undefined {
  const wrong = env.find((entry) => entry.indexOf("=") < 1);
  if (wrong !== undefined) {
    throw new UsageError(`Cannot set the environment variable ${JSON.stringify(wrong)}: it must read "NAME=VALUE"`, {
      flag: "--env",
    });
  }
  const own = process.env ?? [];
  // A terminal of no known type is useless to most programs that ask for one.
  const implied =
    terminal === true && ![...own, ...env].some((entry) => entry.startsWith("TERM=")) ? ["TERM=xterm"] : [];
  if (env.length + implied.length === 0) return undefined;
  const latest = new Map([...own, ...implied, ...env].map((entry) => [entry.slice(0, entry.indexOf("=")), entry]));
  return { env: [...latest.values()] };
}

function changeUser({ user }: ProcessChanges, process: Process): Change | undefined {
  if (user === undefined) return undefined;
  const [uid = "", gid] = user.split(":", 2);
  const ids = { uid: parseId(uid, user, "--user"), ...(gid !== undefined && { gid: parseId(gid, user, "--user") }) };
  return { user: { ...process.user, ...ids } };
}

function changeAdditionalGids({ additionalGids = [] }: ProcessChanges, process: Process): Change | undefined {
  if (additionalGids.length === 0) return undefined;
  const gids = additionalGids.flatMap((list) => list.split(",").map((gid) => parseId(gid, list, "--additional-gids")));
  return { user: { ...process.user, additionalGids: [...(process.user?.additionalGids ?? []), ...gids] } };
}

const MAX_ID = 2 ** 32 - 2;

/** Names are for whoever knows the container's passwd and group files. Source: credentials(7). */
function parseId(text: string, whole: string, flag: string): number {
  const id = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (id <= MAX_ID) return id;
  throw new UsageError(`Cannot use ${JSON.stringify(whole)}: ${JSON.stringify(text)} is no number of a user or group`, {
    flag,
    fix: `give decimal numbers up to ${MAX_ID}`,
  });
}

/** Nothing becomes inheritable, and so ambient, that was not before (CVE-2022-29162). */
function changeCapabilities({ capabilities = [] }: ProcessChanges, process: Process): Change | undefined {
  if (capabilities.length === 0) return undefined;
  const unknown = capabilities.find((name) => !Object.hasOwn(CAPABILITIES, name));
  if (unknown !== undefined) {
    throw new UsageError(`unknown capability ${JSON.stringify(unknown)}`, {
      flag: "--cap",
      fix: 'use a name as capabilities(7) has it, such as "CAP_NET_RAW"',
    });
  }
  const own = process.capabilities ?? {};
  const extended = (set: readonly string[] = []): readonly string[] => [...set, ...capabilities];
  const bounding = extended(own.bounding);
  const changed = { ...own, bounding, effective: extended(own.effective), permitted: extended(own.permitted) };
  const hasInheritable = (own.inheritable ?? []).length > 0;
  return { capabilities: hasInheritable ? { ...changed, ambient: extended(own.ambient) } : changed };
}
