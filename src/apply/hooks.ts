import { RuntimeError } from "../base/errors.ts";
import type { Config } from "../config/types.gen.ts";
import { errnoText } from "../linux/errno.ts";
import type { StoredState } from "../state/schema.ts";

type Hooks = NonNullable<Config["hooks"]>;
type HookKind = keyof Hooks;
type Hook = NonNullable<Hooks[HookKind]>[number];

/**
 * Runs the hooks of one kind on the runtime's side, in order, each with the container's state on its standard input.
 * The first that fails throws RuntimeError ERR_STEP; with `onFailure` it is told there, and the rest still run.
 * Source: config.md#posix-platform-hooks.
 */
export async function runHooks(
  kind: HookKind,
  config: Config,
  state: StoredState,
  status: "running" | "stopped",
  onFailure?: (error: Error) => void,
): Promise<void> {
  for (const [index, hook] of (config.hooks?.[kind] ?? []).entries()) {
    const failure = await runHook(hook, stateText(state, status));
    if (failure === undefined) continue;
    const error = new RuntimeError("ERR_STEP", `error running ${kind} hook #${index}: "${hook.path}" ${failure}`, {
      pointer: `/hooks/${kind}/${index}`,
    });
    if (onFailure === undefined) throw error;
    onFailure(error);
  }
}

function stateText({ ociVersion, id, pid, bundle, annotations }: StoredState, status: string): string {
  return JSON.stringify({ ociVersion, id, status, ...(pid !== 0 && { pid }), bundle, annotations });
}

const MAX_OUTPUT = 256;

/** How the hook failed, as the end of a sentence; undefined when it ended with status 0 in time. */
async function runHook(hook: Hook, input: string): Promise<string | undefined> {
  const { spawn } = await import("node:child_process");
  const [argv0 = hook.path, ...args] = hook.args ?? [];
  const env = hook.env === undefined ? process.env : Object.fromEntries(hook.env.map((entry) => splitOnce(entry)));
  const timeoutMs = (hook.timeout ?? 0) * 1000;
  return await new Promise((resolve) => {
    const child = spawn(hook.path, args, { argv0, env, stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    let hasTimedOut = false;
    const timer = timeoutMs > 0 ? setTimeout(stop, timeoutMs) : undefined;
    function stop(): void {
      hasTimedOut = true;
      child.kill("SIGKILL");
    }
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(0, MAX_OUTPUT);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    // A hook need not read its input.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.on("error", (error) => settle(`could not be run: ${startFailure(error)}`));
    // "exit" and not "close": a hook may leave a process behind that keeps its streams open.
    child.on("exit", (code, signal) => settle(ending(code, signal)));
    function ending(code: number | null, signal: string | null): string | undefined {
      if (hasTimedOut) return `did not end within its timeout of ${hook.timeout} s`;
      if (code === 0) return undefined;
      const how = signal === null ? `exit status ${code}` : signal;
      return `ended with ${how}${output === "" ? "" : `: ${oneLine(output)}`}`;
    }
    function settle(failure: string | undefined): void {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(failure);
    }
  });
}

/** Not in the engine's words, which differ, and are those of a missing command. */
function startFailure(error: NodeJS.ErrnoException): string {
  const { code = "", errno = 0 } = error;
  const text = code === "ENOENT" ? "it does not exist" : code === "EACCES" ? "access is denied" : errnoText(-errno);
  return `${text} (${code})`;
}

function splitOnce(entry: string): [string, string] {
  const at = entry.indexOf("=");
  return at === -1 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ");
}
