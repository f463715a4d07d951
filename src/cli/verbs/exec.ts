import type { ExecOptions } from "../../runtime/index.ts";
import { absolutePath } from "../absolute-path.ts";
import type { Act } from "../act.ts";
import type { Call } from "../call.ts";

export const act: Act<"exec"> = ({ args: [id, ...words], flags }, { runtime, context, cwd }) => {
  const file = (flag: "pid-file" | "console-socket" | "pidfd-socket"): string | undefined => {
    const path = flags[flag] ?? "";
    return path === "" ? undefined : absolutePath(cwd, path);
  };
  const [pidFile, consoleSocket, pidfdSocket] = [file("pid-file"), file("console-socket"), file("pidfd-socket")];
  return runtime.execInContainer(context, {
    id,
    process: flags.process ? { file: absolutePath(cwd, flags.process) } : processChanges(words, flags),
    detach: flags.detach,
    ...(pidFile !== undefined && { pidFile }),
    ...(consoleSocket !== undefined && { consoleSocket }),
    ...(pidfdSocket !== undefined && { pidfdSocket }),
    preserveFds: flags["preserve-fds"],
    cgroups: flags.cgroup,
    ignorePaused: flags["ignore-paused"],
  });
};

/** The flags about the process as the runtime takes them; a text given as "" is not given. */
function processChanges(words: readonly string[], flags: Call<"exec">["flags"]): ExecOptions["process"] {
  return {
    // "exec ID -- COMMAND" is how its manual writes runc's.
    args: words[0] === "--" ? words.slice(1) : words,
    terminal: flags.tty,
    ...(flags.cwd && { cwd: flags.cwd }),
    env: flags.env,
    ...(flags.user && { user: flags.user }),
    additionalGids: flags["additional-gids"],
    capabilities: flags.cap,
    noNewPrivileges: flags["no-new-privs"],
    ...(flags.apparmor && { apparmorProfile: flags.apparmor }),
    ...(flags["process-label"] && { selinuxLabel: flags["process-label"] }),
  };
}
