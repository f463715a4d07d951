import { Argument, Command } from "commander";
import { listFlag, textFlag } from "../../../cli/option-kinds.ts";
import { newNameArgument } from "./image-argument.ts";
import { maxSizeFlag, platformFlag } from "./image-options.ts";

export function importCommand(): Command {
  return new Command("import")
    .summary("make an image of a root filesystem")
    .addArgument(
      new Argument("<source>", "a tar archive, plain or compressed; a directory; or - for the standard input"),
    )
    .addArgument(newNameArgument())
    .addOption(
      listFlag("-c, --change <instruction>", "a Dockerfile's instruction for the image, such as 'CMD [\"sh\"]'"),
    )
    .addOption(textFlag("-m, --message <text>", "what its history says of it"))
    .addOption(platformFlag())
    .addOption(maxSizeFlag());
}
