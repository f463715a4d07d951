import { Argument, Command } from "commander";
import { containerArgument } from "./container-argument.ts";

export function renameCommand(): Command {
  return new Command("rename")
    .summary("give a container another name")
    .addArgument(containerArgument())
    .addArgument(new Argument("<name>", "the new name"));
}
