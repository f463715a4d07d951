import { Command } from "commander";
import { booleanFlag } from "../../../cli/option-kinds.ts";
import { imagesArgument } from "./image-argument.ts";

export function rmiCommand(): Command {
  return new Command("rmi")
    .summary("take a name from images, and remove those without another")
    .addArgument(imagesArgument())
    .addOption(booleanFlag("-f, --force", "also with several names, or while a stopped container has it"));
}
