import { Command } from "commander";

/**
 * For the program itself: the static program has replaced the engine when a step fails, and starts it again with this
 * verb, so that the failure's text is written in one place.
 */
export function reportFailureCommand(): Command {
  return new Command("report-failure")
    .summary("print why a container could not be made")
    .description("Used by the program itself: turns the record of a failed step into an error.")
    .argument("<verb>", "the verb that failed")
    .argument("<container-id>", "the container that it was to act on")
    .argument("[record...]", "what the static program knows of the failure")
    .passThroughOptions();
}
