import { Argument, Command } from "commander";
import { choiceFlag, textFlag } from "../../../cli/option-kinds.ts";
import { prose } from "../../../cli/prose.ts";

export function graphCommand(): Command {
  return new Command("graph")
    .summary("draw containers with what they have and share")
    .description(
      prose(`Draws containers, all that run where none is named, as an SVG that needs nothing else: each with its namespaces, its cgroup
and the limits that were set, its networks and published ports, its mounts as a tree and its image's layers. What several
share, or what is the host's, is there once, with a line from each.

Example:

    mydocker graph -o web.svg web`),
    )
    .addArgument(new Argument("[container...]", "names, ids, or beginnings of ids of containers"))
    .addOption(textFlag("-o, --output <file>", "where it is written to; the standard output without it"))
    .addOption(
      choiceFlag("--format <format>", "svg, or the graph itself: dot, for Graphviz, or json, its nodes and edges", [
        "svg",
        "dot",
        "json",
      ]),
    );
}
