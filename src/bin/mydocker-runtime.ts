import { endPhase } from "../base/timeline.ts";
import { EXIT_FAILURE } from "../cli/exit-code.ts";
import { main } from "../cli/main.ts";
import { writeTimeline } from "../sys/timeline-file.ts";
import { processHost } from "./process-host.ts";

endPhase("start the engine");

// Every text has been written by then: to exit here saves the engine's own winding down.
main(process.argv.slice(2), processHost()).then(
  (status) => {
    endPhase("carry out the verb");
    writeTimeline();
    process.exit(status);
  },
  (error: unknown) => {
    // Only what reports failures can fail here: stderr is closed, or the addon that writes to it is missing.
    console.error(`mydocker-runtime: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(EXIT_FAILURE);
  },
);
