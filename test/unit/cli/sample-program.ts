import { Command } from "commander";
import { cliTableOf } from "../../../src/cli/cli-table.ts";
import { containerArgument } from "../../../src/cli/commands/container-argument.ts";
import { describe, SILENT } from "../../../src/cli/describe-program.ts";
import type { CliTable } from "../../../src/cli/flag-table.ts";
import { booleanFlag, choiceFlag, countFlag, listFlag, textFlag } from "../../../src/cli/option-kinds.ts";
import type { MakeProgram } from "../../../src/cli/parse-command-line.ts";
import { buildProgram } from "../../../src/cli/program.ts";

/** A program with every kind of flag and argument that the definitions can have. */
export const makeSampleProgram: MakeProgram = (parts) => buildProgram(parts, [execCommand, mixCommand]);

/** Its table. */
export const SAMPLE_TABLE: CliTable = cliTableOf(describe(makeSampleProgram(SILENT)));

function execCommand(): Command {
  return new Command("exec")
    .addArgument(containerArgument())
    .argument("[command...]")
    .passThroughOptions()
    .addOption(listFlag("-e, --env <name=value>", "set a variable"))
    .addOption(textFlag("--cwd <dir>", "start in this directory"))
    .addOption(booleanFlag("-t, --tty", "with a terminal"));
}

function mixCommand(): Command {
  return new Command("mix")
    .argument("<first>")
    .argument("[second]")
    .addOption(booleanFlag("-n, --no-colour", "plain"))
    .addOption(countFlag("-c, --count <n>", "how often"))
    .addOption(choiceFlag("-s, --shade <shade>", "how dark", ["light", "dark"]).default("dark"))
    .addOption(choiceFlag("--mode <mode>", "which", ["a", "b"]))
    .addOption(listFlag("-l, --label <label>", "what"))
    .addOption(booleanFlag("--rootless", "hides the global flag of that name"));
}
