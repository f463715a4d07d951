import { EXIT_FAILURE } from "../cli/exit-code.ts";
import { main } from "../engine/cli/main.ts";
import { processHost } from "./process-host.ts";

// Every text has been written by then: to exit here saves the engine's own winding down.
main(process.argv.slice(2), processHost()).then(
  (status) => process.exit(status),
  (error: unknown) => {
    // Only what reports failures can fail here: stderr is closed, or the addon that writes to it is missing.
    console.error(`mydocker: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(EXIT_FAILURE);
  },
);
