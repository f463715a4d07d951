import { describeProgram } from "../../cli/describe-program.ts";
import { EXIT_FAILURE } from "../../cli/exit-code.ts";
import { bold, definition, italic, type Roff } from "./roff.ts";
import type { DocumentedProgram } from "./shown.ts";

/** What is documented of `mydocker-runtime`. */
export function documentedRuntime(): DocumentedProgram {
  return {
    ...describeProgram(),
    summary: "an OCI container runtime",
    section: 8,
    verbWord: "verb",
    exitStatus: EXIT_STATUS,
    environment: ENVIRONMENT,
    files: FILES,
    lists: { containers: ["list", "--quiet"] },
    listFlags: ["root"],
    otherNames: {},
  };
}

const EXIT_STATUS: Roff = [
  ...definition("0", "The verb did what it was asked to."),
  ...definition(
    String(EXIT_FAILURE),
    "It did not: the reason is on standard error, and with \\fB\\-\\-log\\fR also the last entry of the log.",
  ),
  ...definition(
    "the program's own",
    "\\fBrun\\fR in the foreground exits as the container's program did: with its status, or with 128 and the number of " +
      "the signal that ended it.",
  ),
];

const ENVIRONMENT: Roff = [
  ...definition(
    bold("XDG_RUNTIME_DIR"),
    "An ordinary user's state is kept in the directory \\fImydocker\\-runtime\\fR below it.",
  ),
  ...definition(
    bold("LISTEN_FDS"),
    "Descriptors that systemd gives to a service; they are handed on to the container.",
  ),
  ...definition(
    bold("NOTIFY_SOCKET"),
    "A socket on which systemd waits for a service to be ready: the container gets one of its own, and when it says " +
      "READY=1 there, that is handed on. \\fBstart\\fR and \\fBrun \\-\\-detach\\fR wait until then.",
  ),
  ...definition(
    bold("MYDOCKER_PLAN_CACHE"),
    "The directory in which root's plans are kept, by which \\fBrun\\fR, \\fBcreate\\fR and \\fBexec\\fR are faster when the " +
      'same comes again. "off" has each compiled anew.',
  ),
];

const FILES: Roff = [
  ...definition(italic("config.json"), "In the bundle: what the container is, in the words of the OCI runtime\\-spec."),
  ...definition(italic("/run/mydocker-runtime"), "Root's state: a directory for each container."),
  ...definition(
    italic("/run/mydocker-runtime.plans"),
    "Root's kept plans. It may be removed; a file of that name has none kept.",
  ),
];
