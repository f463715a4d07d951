import { formatList } from "../../base/format-template.ts";
import { shortId } from "../../base/object-id.ts";
import type { EngineContext } from "../../container/engine-context.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { readUsage, type Usage, usageRow } from "../../container/stats.ts";
import { liveStatus } from "../../container/status.ts";
import { findContainer, listContainers } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

const INTERVAL_MS = 1000;

export const act: EngineAct<"stats"> = async ({ flags, args }, at) => {
  const context = engineContext(at);
  for (;;) {
    const records = chosen(context, args, flags.all);
    const before = await usages(context, records);
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    const after = await usages(context, records);
    const rows = records.map((record, index) => ({
      Container: args[index] ?? shortId(record.id),
      ID: flags["no-trunc"] ? record.id : shortId(record.id),
      Name: record.name,
      ...usageRow(before[index], after[index]),
    }));
    const text = formatList(rows, {
      format: flags.format,
      usual: "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
      headers: {
        ID: "CONTAINER ID",
        CPUPerc: "CPU %",
        MemUsage: "MEM USAGE / LIMIT",
        MemPerc: "MEM %",
        NetIO: "NET I/O",
        BlockIO: "BLOCK I/O",
      },
    });
    // Home, and clear what was there.
    at.print(flags["no-stream"] || !at.host.isTerminal(1) ? text : `\x1b[H\x1b[2J${text}`);
    if (flags["no-stream"]) return;
  }
};

function chosen({ paths, warn }: EngineContext, words: readonly string[], all: boolean): readonly ContainerRecord[] {
  if (words.length > 0) return words.map((word) => findContainer(paths, word));
  return listContainers(paths, warn).filter((record) => all || liveStatus(paths, record).pid !== 0);
}

async function usages(
  context: EngineContext,
  records: readonly ContainerRecord[],
): Promise<readonly (Usage | undefined)[]> {
  const found: (Usage | undefined)[] = [];
  for (const record of records) found.push(await readUsage(context, record));
  return found;
}
