import { Argument, Command } from "commander";
import { prose } from "../../../cli/prose.ts";
import { containerArgument } from "./container-argument.ts";

export function diffCommand(): Command {
  return new Command("diff")
    .summary("show what a container has changed in its files, or what is different between two")
    .description(
      prose(`With one container, prints the files that it has added (A), changed (C) and deleted (D). With two, prints what is
different between their OCI configs: "+" what the second one has more, "-" what it has not, "~" what it has otherwise.

Example:

    mydocker diff web
    mydocker diff web web2`),
    )
    .addArgument(containerArgument())
    .addArgument(new Argument("[other]", "another container, whose config is compared"));
}
