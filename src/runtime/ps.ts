import { RuntimeError } from "../base/errors.ts";
import { readState } from "../state/store.ts";
import { pidsOf } from "./container-pids.ts";
import type { ProcessTableOptions, RuntimeContext } from "./options.ts";

/** The pids of a container's processes, on the host; none for one that has stopped. Throws StateError, RuntimeError. */
export function containerPids({ root }: RuntimeContext, { id }: { readonly id: string }): readonly number[] {
  return pidsOf(readState(root, id));
}

/**
 * What the host's `ps` says of a container's processes: its header and their lines. Throws StateError, and RuntimeError
 * where `ps` fails or shows no column PID. Source: ps(1).
 */
export async function processTable(context: RuntimeContext, { id, psArgs = [] }: ProcessTableOptions): Promise<string> {
  const pids = new Set(containerPids(context, { id }));
  const [header = "", ...lines] = (await runPs(psArgs.length === 0 ? ["-ef"] : psArgs)).split("\n");
  const column = header.trim().split(/\s+/).indexOf("PID");
  if (column === -1) {
    throw new RuntimeError(
      "ERR_USAGE",
      `Cannot tell the container's processes apart: "ps ${psArgs.join(" ")}" shows no PID`,
      {
        fix: 'choose columns with "pid" among them',
      },
    );
  }
  const own = lines.filter((line) => pids.has(Number(line.trim().split(/\s+/)[column])));
  return [header, ...own].map((line) => `${line}\n`).join("");
}

async function runPs(args: readonly string[]): Promise<string> {
  const { execFile } = await import("node:child_process");
  return await new Promise((resolve, reject) => {
    execFile(
      "ps",
      args,
      { maxBuffer: MAX_OUTPUT_BYTES, env: { ...process.env, LC_ALL: "C" } },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(psFailure(error, stderr));
      },
    );
  });
}

const MAX_OUTPUT_BYTES = 64 << 20;

function psFailure(error: Error & { code?: unknown }, stderr: string): RuntimeError {
  if (error.code === "ENOENT") {
    return new RuntimeError("ERR_NOT_SUPPORTED", 'Cannot show the processes: the host has no program "ps"', {
      fix: "install it (Debian: procps), or use --format json",
    });
  }
  const said = stderr.trim().split("\n")[0] ?? "";
  return new RuntimeError("ERR_USAGE", `Cannot show the processes: ps ended with status ${error.code}: ${said}`, {
    fix: "correct the arguments of ps",
  });
}
