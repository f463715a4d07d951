import type { Option } from "commander";
import { LOG_FORMATS, LOG_LEVELS } from "../base/log.ts";
import { booleanFlag, choiceFlag, textFlag } from "./option-kinds.ts";

/** The flags that every verb takes, before or after its name. Each call makes new ones: an option has one owner. */
export function globalOptions(): readonly Option[] {
  return [
    textFlag(
      "--root <dir>",
      "where the state of the containers is kept, one directory each: /run/mydocker-runtime, or " +
        "$XDG_RUNTIME_DIR/mydocker-runtime for an ordinary user",
    ),
    textFlag("--log <file>", "append warnings and errors to this file; an error is also printed on stderr"),
    choiceFlag("--log-format <format>", "how an entry of the log is written", LOG_FORMATS).default("text"),
    choiceFlag("--log-level <level>", "the least urgent entries to write", LOG_LEVELS).default("warning"),
    booleanFlag("--debug", "write debug entries too; the same as --log-level debug"),
    textFlag("--trace <file>", "append each step of create, run and exec to this file, as it is carried out"),
    booleanFlag("--systemd-cgroup", 'let systemd make the cgroups; cgroupsPath then reads "slice:prefix:name"'),
    choiceFlag("--cgroup-manager <manager>", "who makes the cgroups", ["cgroupfs", "systemd"]).default("cgroupfs"),
    textFlag("--criu <file>", "the program that checkpoint and restore call; looked for in $PATH when not given"),
    choiceFlag("--rootless <mode>", "skip what an ordinary user may not do; auto asks the kernel", [
      "auto",
      "true",
      "false",
    ]).default("auto"),
  ];
}
