import { Command } from "commander";
import { prose } from "../../../cli/prose.ts";
import { containerArgument } from "./container-argument.ts";

export function planCommand(): Command {
  return new Command("plan")
    .summary("print the steps that the runtime takes for a container")
    .description(
      prose(`Prints what mydocker-runtime does to make the container, step by step, each with the place in the OCI config that asks
for it. Of one that runs these are the steps that it was made by. "run --plan" prints them for a line of flags.

Example:

    mydocker plan web`),
    )
    .addArgument(containerArgument());
}

export function explainCommand(): Command {
  return new Command("explain")
    .summary("print what each setting of a container makes of its OCI config, and which steps it brings")
    .description(
      prose(`Prints, for each thing that a container was asked for, what it makes of config.json ("+" what it adds, "~" what it changes,
"-" what it takes away), and the steps of the plan that come from there. "run --explain" prints it for a line of flags.

Example:

    mydocker explain web`),
    )
    .addArgument(containerArgument());
}

export function validateCommand(): Command {
  return new Command("validate")
    .summary("say what is wrong with the OCI config of a container")
    .description(
      prose(`Checks the container's config.json as "mydocker-runtime validate" does: by the schema, by the rules of the runtime-spec
and by what this machine can do. The exit status is 1 where there are errors.

Example:

    mydocker validate web`),
    )
    .addArgument(containerArgument());
}
