import { Argument, Command } from "commander";
import { imageArgument } from "./image-argument.ts";

export function tagCommand(): Command {
  return new Command("tag")
    .summary("give an image one more name")
    .addArgument(imageArgument())
    .addArgument(new Argument("<name>", "the new name: [registry/]repository[:tag]"));
}
