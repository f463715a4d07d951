import { Command } from "commander";

export function versionCommand(): Command {
  return new Command("version").summary("show the versions of the program, its engine and its runtime");
}
