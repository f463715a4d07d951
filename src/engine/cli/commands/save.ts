import { Command } from "commander";
import { choiceFlag, textFlag } from "../../../cli/option-kinds.ts";
import { imagesArgument } from "./image-argument.ts";

export function saveCommand(): Command {
  return new Command("save")
    .summary("write images into an archive")
    .addArgument(imagesArgument())
    .addOption(textFlag("-o, --output <file>", "the archive; the standard output without it"))
    .addOption(
      choiceFlag("--format <format>", "docker-archive, which is an OCI layout as well, or oci-archive alone", [
        "docker-archive",
        "oci-archive",
      ]),
    );
}
