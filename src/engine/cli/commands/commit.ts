import { Command } from "commander";
import { booleanFlag, choiceFlag, listFlag, textFlag } from "../../../cli/option-kinds.ts";
import { containerArgument } from "./container-argument.ts";
import { newNameArgument } from "./image-argument.ts";

export function commitCommand(): Command {
  return new Command("commit")
    .summary("make an image of what a container has changed")
    .addArgument(containerArgument())
    .addArgument(newNameArgument())
    .addOption(textFlag("-a, --author <text>", "who made it"))
    .addOption(
      listFlag("-c, --change <instruction>", "a Dockerfile's instruction for the image, such as 'CMD [\"sh\"]'"),
    )
    .addOption(textFlag("-m, --message <text>", "what its history says of it"))
    .addOption(booleanFlag("-p, --pause", "suspend the container meanwhile, which is the default"))
    .addOption(booleanFlag("--no-pause", "let the container go on meanwhile"))
    .addOption(
      choiceFlag("--compression <kind>", "how the new layer is compressed; gzip by default", ["gzip", "zstd", "none"]),
    );
}
