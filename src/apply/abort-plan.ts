import { readTextIfExists } from "../sys/files.ts";
import { processStat, signalProcess } from "../sys/procfs.ts";

const SIGKILL = 9;
const POLL_MS = 5;

/**
 * Kills what a static program has made, when the caller aborts: the program then ends as it does when a step fails or when
 * the container ends, and undoes or removes what is there. Gives the function that stops listening. A program that has made
 * nothing yet is looked at again.
 */
export function killOnAbort(program: number, signal: AbortSignal | undefined): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const act = (): void => {
    if (!killChildren(program)) timer = setTimeout(act, POLL_MS);
  };
  signal?.addEventListener("abort", act, { once: true });
  if (signal?.aborted) act();
  return () => {
    signal?.removeEventListener("abort", act);
    clearTimeout(timer);
  };
}

/** False where there was none to kill. Source: proc_pid_children(5). */
function killChildren(parent: number): boolean {
  const text = readTextIfExists(`/proc/${parent}/task/${parent}/children`) ?? "";
  const children = text
    .split(" ")
    .map(Number)
    .filter((pid) => pid > 0);
  return children.map((pid) => killChild(parent, pid)).includes(true);
}

/** Never another process that got the child's number meanwhile. */
function killChild(parent: number, pid: number): boolean {
  const stat = processStat(pid);
  return stat?.ppid === parent && signalProcess(pid, stat.startTime, SIGKILL);
}
