import { readTextIfExists } from "../../sys/files.ts";
import type { MonitorEvent, MonitorEvents } from "./monitor-protocol.ts";

const POLL_MS = 10;

/** Waits for a monitor's first word, and tells the steps of the start meanwhile, as the runtime carries them out. */
export async function watchStart(
  events: MonitorEvents,
  traceFile: string,
  print: (text: string) => void,
): Promise<MonitorEvent> {
  const { readTrace, printTrace } = await import("../../runtime/index.ts");
  let shown = 0;
  const tell = async () => {
    const times = (await readTrace(readTextIfExists(traceFile) ?? "")).slice(shown);
    shown += times.length;
    print(await printTrace(times, "text"));
  };
  const timer = setInterval(() => void tell(), POLL_MS);
  try {
    return await events.next();
  } finally {
    clearInterval(timer);
    await tell();
  }
}
