import { recordedPhases } from "../base/timeline.ts";
import { appendText } from "./files.ts";

/** Leaves this process's phases in the file of $MYDOCKER_TIMELINE; does nothing but in a build of `npm run profile`. */
export function writeTimeline(): void {
  const phases = recordedPhases();
  if (phases !== "") appendText(process.env.MYDOCKER_TIMELINE ?? "/dev/null", phases, 0o600);
}
