import { formatList } from "../../base/format-template.ts";
import { humanSize } from "../../base/human-size.ts";
import { humanAgo } from "../../base/human-time.ts";
import { shortId } from "../../base/object-id.ts";
import { type HistoryRow, imageHistory } from "../../image/image-history.ts";
import { resolveImage } from "../../image/resolve-image.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

const HEADERS = {
  ID: "IMAGE",
  CreatedSince: "CREATED",
  CreatedAt: "CREATED AT",
  CreatedBy: "CREATED BY",
  Size: "SIZE",
  Comment: "COMMENT",
};
const USUAL = "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
const SHOWN_COMMAND = 45;

export const act: EngineAct<"history"> = ({ flags, args: [word] }, at) => {
  const paths = enginePathsOf(at);
  const isExact = flags.human === "false";
  const rows = imageHistory(paths, resolveImage(paths, word)).map((row) => ({
    ...historyRow(row, flags["no-trunc"] === true),
    ...(isExact && { Size: String(row.sizeBytes) }),
  }));
  if (flags.quiet) return at.print(rows.map(({ ID }) => `${ID}\n`).join(""));
  const usual = isExact ? USUAL.replace("CreatedSince", "CreatedAt") : USUAL;
  at.print(formatList(rows, { format: flags.format, usual, headers: HEADERS }));
};

function historyRow({ id, created, created_by = "", comment = "", sizeBytes }: HistoryRow, isWhole: boolean) {
  const command = created_by.replaceAll("\t", " ").replaceAll("\n", " ");
  const isCut = !isWhole && command.length > SHOWN_COMMAND;
  return {
    Comment: comment,
    CreatedAt: (created ?? "").replace(/\.[0-9]+/, ""),
    CreatedBy: isCut ? `${command.slice(0, SHOWN_COMMAND - 1)}…` : command,
    CreatedSince: humanAgo(created, Date.now()),
    ID: id === undefined ? "<missing>" : isWhole ? id : shortId(id),
    Size: humanSize(sizeBytes),
  };
}
