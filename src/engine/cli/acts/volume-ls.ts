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
    Label: (label: unknown) => Labels[String(label)] ?? "",
    Labels: Object.entries(Labels)
      .map((label) => label.join("="))
      .join(","),
  }));
  at.print(
    formatList(rows, { format: flags.format, usual: "{{.Driver}}\t{{.Name}}", headers: { Name: "VOLUME NAME" } }),
  );
};

function meets(paths: EnginePaths, volume: Volume, filter: string): boolean {
  const [name, value = ""] = splitPair(filter);
  switch (name) {
    case "name":
      return volume.Name.includes(value);
    case "driver":
      return volume.Driver === value;
    case "label":
      return hasLabel(volume.Labels, value);
    case "dangling":
      return (volumeUsers(paths, volume.Name, () => {}).length === 0) === (value === "true" || value === "1");
    default:
      throw new EngineError(`invalid filter '${name}'`, { code: "ERR_USAGE", flag: "--filter" });
  }
}
