import { describe, SILENT } from "../../cli/describe-program.ts";
import { OTHER_NAMES } from "../../engine/cli/commands/group-words.ts";
import { buildEngineProgram } from "../../engine/cli/program.ts";
import { bold, definition, italic, type Roff } from "./roff.ts";
import type { DocumentedProgram } from "./shown.ts";

/** What is documented of `mydocker`. */
export function documentedEngine(): DocumentedProgram {
  return {
    ...describe(buildEngineProgram(SILENT)),
    summary: "containers and images, without a daemon",
    section: 1,
    verbWord: "command",
    exitStatus: EXIT_STATUS,
    environment: ENVIRONMENT,
    files: FILES,
    lists: {
      containers: ["ps", "--all", "--format", "{{.Names}}"],
      images: ["images", "--format", "{{.Repository}}:{{.Tag}}"],
      networks: ["network", "ls", "--format", "{{.Name}}"],
      volumes: ["volume", "ls", "--quiet"],
    },
    listFlags: ["root", "run-root"],
    otherNames: OTHER_NAMES,
  };
}

const EXIT_STATUS: Roff = [
  ...definition("0", "The command did what it was asked to."),
  ...definition("1", "It failed for one of the objects that were named, or more; the reasons are on standard error."),
  ...definition(
    "125",
    "\\fBrun\\fR, \\fBcreate\\fR and \\fBexec\\fR failed before the program ran, or the command line is wrong.",
  ),
  ...definition("126", "The program cannot be executed."),
  ...definition("127", "The program is not there."),
  ...definition(
    "the program's own",
    "With \\fBrun\\fR, \\fBstart \\-\\-attach\\fR and \\fBexec\\fR: 128+n for signal n.",
  ),
];

const ENVIRONMENT: Roff = [
  ...definition(
    `${bold("XDG_DATA_HOME")}, ${bold("XDG_RUNTIME_DIR")}`,
    "An ordinary user's images, containers and volumes, and what runs, are in the directory \\fImydocker\\fR below them.",
  ),
  ...definition(
    bold("MYDOCKER_STORAGE_DRIVER"),
    "The storage driver to use: overlay2, fuse\\-overlayfs or vfs; the first of them that works here when not set.",
  ),
];

const FILES: Roff = [
  ...definition(italic("/var/lib/mydocker"), "Root's images, layers, containers, volumes and networks."),
  ...definition(italic("/run/mydocker"), "What root's containers need while they run. A boot may empty it."),
];
