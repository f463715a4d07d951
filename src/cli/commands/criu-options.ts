import type { Option } from "commander";
import { booleanFlag, choiceFlag, textFlag } from "../option-kinds.ts";

/** The flags of checkpoint and restore: each is an option of criu. */
export function criuOptions(): readonly Option[] {
  return [
    textFlag("--image-path <dir>", 'where the images are; "checkpoint" in the current directory when not given'),
    textFlag("--work-path <dir>", "where criu logs to; the images' directory when not given"),
    booleanFlag("--tcp-established", "take open TCP connections along"),
    booleanFlag("--ext-unix-sk", "allow unix sockets whose other end is outside of the container"),
    booleanFlag("--shell-job", "allow processes whose session is outside of the container"),
    booleanFlag("--file-locks", "take file locks along"),
    booleanFlag("--lazy-pages", "leave memory where it is until it is needed"),
    booleanFlag("--auto-dedup", "keep no memory page twice"),
    choiceFlag("--manage-cgroups-mode <mode>", "how criu treats cgroups", ["soft", "full", "strict", "ignore"]).default(
      "soft",
    ),
    choiceFlag("--empty-ns <namespace>", "leave what is in this namespace to others", ["network"]),
  ];
}
