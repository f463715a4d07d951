import { formatList } from "../../base/format-template.ts";
import { humanTotal } from "../../base/human-size.ts";
import { containerUsage, type Usage, volumeUsage } from "../../container/disk-usage.ts";
import { imageUsage } from "../../image/image-usage.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"system df"> = async ({ flags: { format, verbose } }, at) => {
  const context = engineContext(at);
  if (verbose) {
    const { usageOfEach } = await import("../usage-of-each.ts");
    at.print(await usageOfEach(context, format));
    return;
  }
  const rows = [
    row("Images", imageUsage(context.paths)),
    row("Containers", await containerUsage(context)),
    row("Local Volumes", volumeUsage(context)),
  ];
  const usual = "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";
  at.print(formatList(rows, { format, usual, headers: { TotalCount: "TOTAL" } }));
};

function row(Type: string, { total, active, sizeBytes, reclaimableBytes }: Usage) {
  const percent = sizeBytes === 0 ? "" : ` (${Math.floor((100 * reclaimableBytes) / sizeBytes)}%)`;
  return {
    Type,
    TotalCount: String(total),
    Active: String(active),
    Size: humanTotal(sizeBytes),
    Reclaimable: `${humanTotal(reclaimableBytes)}${percent}`,
  };
}
