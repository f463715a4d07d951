import { Command } from "commander";
import { booleanFlag, countFlag, listFlag, textFlag } from "../../../cli/option-kinds.ts";

export function psCommand(): Command {
  return new Command("ps")
    .summary("list containers")
    .addOption(booleanFlag("-a, --all", "also those that do not run"))
    .addOption(booleanFlag("-q, --quiet", "ids only"))
    .addOption(countFlag("-n, --last <count>", "the newest ones, whether they run or not"))
    .addOption(booleanFlag("-l, --latest", "the newest one"))
    .addOption(booleanFlag("-s, --size", "also how much each has written"))
    .addOption(booleanFlag("--seed", "the columns ID, NAME, PID, STATUS, COMMAND and CREATED"))
    .addOption(booleanFlag("--no-trunc", "ids and commands in full"))
    .addOption(listFlag("-f, --filter <condition>", "only those that meet a condition, such as status=running"))
    .addOption(textFlag("--format <template>", "how each is shown: a Go template, table TEMPLATE, or json"));
}
