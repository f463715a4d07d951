import { Argument, Command } from "commander";
import { choiceFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";
import { bundleOptions } from "./bundle-options.ts";

export function planCommand(): Command {
  const command = new Command("plan")
    .summary("print what create or run would do, step by step")
    .description(
      prose(`Compiles the bundle into the very steps that "create" or "run" would carry out on this machine, and prints
them in their order: who does each one, what it does, and the place in config.json, the flag or the sentence of the spec
that it comes from. Nothing is changed.

Example:

    mydocker-runtime plan --bundle /srv/web
    mydocker-runtime plan --bundle /srv/web --format json --verb create`),
    )
    .addArgument(new Argument("[container-id]", 'the name that the steps use; "container" when not given'))
    .addOption(choiceFlag("-f, --format <format>", "how to print the steps", ["text", "json"]).default("text"))
    .addOption(choiceFlag("--verb <verb>", "the verb whose steps to print", ["create", "run"]).default("run"));
  for (const option of bundleOptions()) command.addOption(option);
  return command;
}
