import type { Command } from "commander";
import { assembleProgram, type MakeCommand, type ProgramParts } from "../../cli/assemble-program.ts";
import { prose } from "../../cli/prose.ts";
import { CONTAINER_COMMANDS } from "./commands/container-commands.ts";
import { HIDDEN_COMMANDS } from "./commands/hidden-commands.ts";
import { IMAGE_COMMANDS } from "./commands/image-commands.ts";
import { NETWORK_COMMANDS } from "./commands/network-commands.ts";
import { SYSTEM_COMMANDS } from "./commands/system-commands.ts";
import { VOLUME_COMMANDS } from "./commands/volume-commands.ts";
import { globalOptions } from "./global-options.ts";

/** Every command, in the order of the help. To add one is to add it to its list, and its act to the list of acts. */
const COMMANDS: readonly MakeCommand[] = [
  ...CONTAINER_COMMANDS,
  ...IMAGE_COMMANDS,
  ...NETWORK_COMMANDS,
  ...VOLUME_COMMANDS,
  ...SYSTEM_COMMANDS,
];

const DESCRIPTION =
  prose(`Containers and images, without a daemon, in docker's words. It makes OCI bundles and has them run
by mydocker-runtime or by any other OCI runtime.

Example:

    mydocker image build-base
    mydocker run -ti base sh`);

/** The one definition of mydocker's command line. It parses and prints; it never acts and never ends the process. */
export function buildEngineProgram(parts: ProgramParts): Command {
  const definition = {
    name: "mydocker",
    description: DESCRIPTION,
    usage: "[global flags] <command> [flags] [arguments]",
    verbsHeading: "Commands:",
    versionHelp: "print the version of the program",
    globalOptions,
    verbs: COMMANDS,
    hiddenVerbs: HIDDEN_COMMANDS,
  };
  return assembleProgram(definition, parts);
}
