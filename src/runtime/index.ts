/** The public interface: containers as a library, and what the command line is made of. */
export { createContainer, runContainer } from "./create.ts";
export { deleteContainer } from "./delete.ts";
export { killContainer } from "./kill.ts";
export { listContainers } from "./list.ts";
export type * from "./options.ts";
export { planBundle } from "./plan.ts";
export { printPlan } from "../plan/print.ts";
export { type FailureReport, reportFailure } from "./report-failure.ts";
export { writeSpec } from "./spec.ts";
export { startContainer } from "./start.ts";
export { containerState } from "./state.ts";
