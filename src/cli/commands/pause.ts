import { Command } from "commander";
import { prose } from "../prose.ts";
import { containerArgument } from "./container-argument.ts";

export function pauseCommand(): Command {
  return new Command("pause")
    .summary("suspend the processes of a container")
    .description(
      prose(`Freezes every process of the container until "resume". One that cannot be frozen within 10 seconds is named,
and then all of them go on.`),
    )
    .addArgument(containerArgument());
}

export function resumeCommand(): Command {
  return new Command("resume")
    .summary("let the processes of a paused container go on")
    .description(prose(`Undoes "pause".`))
    .addArgument(containerArgument());
}
