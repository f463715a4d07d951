import { Argument, Command } from "commander";
import { containerArgument } from "./container-argument.ts";

export function containerHealthCommand(): Command {
  return new Command("container-health")
    .summary("note that a container's health has changed")
    .addArgument(containerArgument())
    .addArgument(new Argument("<status>", "starting, healthy or unhealthy"));
}
