import { formatList } from "../../base/format-template.ts";
import { shortId } from "../../base/object-id.ts";
import { driverName } from "../../network/built-in-networks.ts";
import { ensureDefaultNetwork } from "../../network/default-network.ts";
import { matchesNetwork } from "../../network/network-filter.ts";
import { readNetworks } from "../../network/network-store.ts";
import type { NetworkRecord } from "../../network/types.ts";
import type { EngineAct } from "../act.ts";
import { enginePathsOf } from "../engine-paths.ts";

export const act: EngineAct<"network ls"> = async ({ flags }, at) => {
  const paths = enginePathsOf(at);
  await ensureDefaultNetwork(paths);
  const { networks, bad } = readNetworks(paths);
  for (const error of bad) at.warn(error.message);
  const shown = networks.filter(matchesNetwork(flags.filter));
  const idOf = ({ id }: NetworkRecord): string => (flags["no-trunc"] ? id : shortId(id));
  if (flags.quiet) {
    at.print(shown.map((network) => `${idOf(network)}\n`).join(""));
    return;
  }
  const rows = shown.map((network) => ({ ID: idOf(network), ...row(network) }));
  at.print(
    formatList(rows, {
      format: flags.format,
      usual: "{{.ID}}\t{{.Name}}\t{{.IpRange}}\t{{.Driver}}\t{{.Scope}}",
      headers: { ID: "NETWORK ID", IpRange: "IpRange" },
    }),
  );
};

function row({ name, driver, subnets, created, internal, labels }: NetworkRecord) {
  return {
    Name: name,
    IpRange: subnets.map(({ subnet }) => subnet).join(","),
    Driver: driverName(driver),
    Scope: "local",
    CreatedAt: created,
    IPv6: String(subnets.some(({ subnet }) => subnet.includes(":"))),
    Internal: String(internal && driver !== "none"),
    Labels: Object.entries(labels)
      .map((label) => label.join("="))
      .join(","),
  };
}
