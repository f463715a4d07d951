import { Command } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";
import { containersArgument } from "./container-argument.ts";

export function updateCommand(): Command {
  return new Command("update")
    .summary("change the limits of containers")
    .addArgument(containersArgument())
    .addOption(textFlag("-m, --memory <size>", "the most memory"))
    .addOption(textFlag("--memory-swap <size>", "memory and swap together; -1 for no limit"))
    .addOption(textFlag("--memory-reservation <size>", "what is left to it when memory is short"))
    .addOption(textFlag("--cpus <number>", "how many CPUs' time"))
    .addOption(textFlag("-c, --cpu-shares <n>", "its share of CPU time"))
    .addOption(textFlag("--cpu-period <microseconds>", "the period of --cpu-quota"))
    .addOption(textFlag("--cpu-quota <microseconds>", "CPU time in each period"))
    .addOption(textFlag("--cpu-rt-period <microseconds>", "the period of --cpu-rt-runtime"))
    .addOption(textFlag("--cpu-rt-runtime <microseconds>", "CPU time of real-time tasks in each period"))
    .addOption(textFlag("--cpuset-cpus <list>", "the CPUs that it may use"))
    .addOption(textFlag("--cpuset-mems <list>", "the memory nodes"))
    .addOption(textFlag("--pids-limit <n>", "how many processes; -1 for no limit"))
    .addOption(textFlag("--blkio-weight <n>", "its share of disk time"))
    .addOption(textFlag("--restart <policy>", "no, on-failure[:n], always or unless-stopped"));
}
