import type { Host } from "../../cli/host.ts";
import { reportError } from "../../cli/report-error.ts";

/** Tells the caller once what went wrong, on stderr. */
export function reportFailure(thrown: unknown, host: Host, debug: boolean): void {
  const { text } = reportError(thrown);
  host.write(2, `mydocker: ${text}\n`);
  if (debug && thrown instanceof Error) host.write(2, `${thrown.stack}\n`);
}
