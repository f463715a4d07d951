import { EngineError } from "../../base/errors.ts";
import { formatList } from "../../base/format-template.ts";
import { splitPair } from "../../base/parse-size.ts";
import type { EnginePaths } from "../../base/paths.ts";
import { hasLabel } from "../../container/list-filter.ts";
import { volumeUsers } from "../../container/volume-users.ts";
import { listVolumes, type Volume, volumeData } from "../../container/volumes.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"volume ls"> = ({ flags }, at) => {
  const { paths } = engineContext(at);
  for (const filter of flags.filter) checkFilter(filter);
  const volumes = listVolumes(paths, at.warn).filter((volume) =>
    flags.filter.every((filter) => meets(paths, volume, filter)),
  );
  if (flags.quiet) {
    at.print(volumes.map(({ Name }) => `${Name}\n`).join(""));
    return;
  }
  const rows = volumes.map(({ Name, Driver, Labels }) => ({
    Driver,
    Name,
    Mountpoint: volumeData(paths, Name),
    Scope: "local",
    ...NOT_KNOWN,
    Label: (label: unknown) => Labels[String(label)] ?? "",
    Labels: Object.entries(Labels)
      .map((label) => label.join("="))
      .join(","),
  }));
  at.print(
    formatList(rows, { format: flags.format, usual: "{{.Driver}}\t{{.Name}}", headers: { Name: "VOLUME NAME" } }),
  );
};

/** docker's words for what only `system df -v` measures, and for those of clusters. */
const NOT_KNOWN = { Availability: "N/A", Group: "N/A", Links: "N/A", Size: "N/A", Status: "N/A" } as const;

const FILTERS: readonly string[] = ["name", "driver", "label", "dangling"];

/** Also where there is no volume to compare with. */
function checkFilter(filter: string): void {
  const [name, value = ""] = splitPair(filter);
  const isKnown = FILTERS.includes(name);
  if (isKnown && (name !== "dangling" || /^(true|false|1|0)$/.test(value))) return;
  throw new EngineError(`invalid filter '${isKnown ? filter : name}'`, { code: "ERR_USAGE", flag: "--filter" });
}

function meets(paths: EnginePaths, volume: Volume, filter: string): boolean {
  const [name, value = ""] = splitPair(filter);
  switch (name) {
    case "name":
      return volume.Name.includes(value);
    case "driver":
      return volume.Driver === value;
    case "label":
      return hasLabel(volume.Labels, value);
    default:
      return (volumeUsers(paths, volume.Name, () => {}).length === 0) === (value === "true" || value === "1");
  }
}
