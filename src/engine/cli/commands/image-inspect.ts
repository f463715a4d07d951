import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";
import { imagesArgument } from "./image-argument.ts";

export function imageInspectCommand(): Command {
  return new Command("image inspect")
    .summary("show all that is known of images")
    .addArgument(imagesArgument())
    .addOption(textFlag("-f, --format <template>", "a Go template, or json"));
}
