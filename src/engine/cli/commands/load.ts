import { Command } from "commander";
import { booleanFlag, textFlag } from "../../../cli/option-kinds.ts";
import { maxSizeFlag, platformFlag } from "./image-options.ts";

export function loadCommand(): Command {
  return new Command("load")
    .summary("take images over from an archive")
    .addOption(textFlag("-i, --input <file>", "the archive; the standard input without it"))
    .addOption(booleanFlag("-q, --quiet", "no progress"))
    .addOption(platformFlag())
    .addOption(maxSizeFlag());
}
