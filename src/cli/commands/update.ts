import { Command } from "commander";
import { textFlag } from "../option-kinds.ts";
import { prose } from "../prose.ts";
import { containerArgument } from "./container-argument.ts";

export function updateCommand(): Command {
  const command = new Command("update")
    .summary("change the limits of a container")
    .description(
      prose(`Changes the limits that are named, and leaves the others alone: from flags, or from JSON as linux.resources
of config.json has it. It is all or nothing: when the kernel refuses a limit, those before it are put back, and the file,
the value and the reason are named.

Sizes are bytes, with a unit of b, k, m, g, t or p; -1 is no limit. Times are microseconds.

Example:

    mydocker-runtime update --memory 512m --pids-limit 100 web1
    echo '{"cpu":{"quota":50000,"period":100000}}' | mydocker-runtime update --resources - web1`),
    )
    .addArgument(containerArgument());
  for (const option of options()) command.addOption(option);
  return command;
}

function options() {
  return [
    textFlag("-r, --resources <file>", 'read everything from this file, or from the standard input for "-"'),
    textFlag("--blkio-weight <weight>", "the share of block I/O, from 10 to 1000"),
    textFlag("--cpu-period <us>", "how often the processor time of --cpu-quota is given"),
    textFlag("--cpu-quota <us>", "the processor time in each period; -1 is no limit"),
    textFlag("--cpu-burst <us>", "how much unused time may be kept for later"),
    textFlag("--cpu-share <shares>", "the share of processor time where it is short; 1024 is usual"),
    textFlag("--cpu-rt-period <us>", "how often the real-time processor time of --cpu-rt-runtime is given"),
    textFlag("--cpu-rt-runtime <us>", "the real-time processor time in each period"),
    textFlag("--cpu-idle <0|1>", "1: run only when nobody else wants to"),
    textFlag("--cpuset-cpus <list>", 'the processors, such as "0-3,7"'),
    textFlag("--cpuset-mems <list>", 'the memory nodes, such as "0"'),
    textFlag("--memory <size>", "the limit of memory"),
    textFlag("--memory-reservation <size>", "how much memory is left to it when memory is short"),
    textFlag("--memory-swap <size>", "the limit of memory and swap together"),
    textFlag("--kernel-memory <size>", "the limit of the kernel's memory for it; cgroup v1, and not in new kernels"),
    textFlag("--kernel-memory-tcp <size>", "the limit of the kernel's TCP buffers for it; cgroup v1"),
    textFlag("--pids-limit <n>", "how many processes and threads it may have; -1 is no limit"),
    textFlag("--l3-cache-schema <schema>", "the line for the L3 cache of its class of Intel RDT"),
    textFlag("--mem-bw-schema <schema>", "the line for the memory bandwidth of its class of Intel RDT"),
  ];
}
