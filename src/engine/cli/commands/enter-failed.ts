import { Argument, Command } from "commander";

export function enterFailedCommand(): Command {
  return new Command("enter-failed")
    .summary("tell why namespaces could not be entered")
    .addArgument(new Argument("<step>", "what failed"))
    .addArgument(new Argument("<errno>", "why"));
}
