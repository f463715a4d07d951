import { Argument } from "commander";

/** The argument of most verbs. Its name is what the shells' completion goes by. */
export function containerArgument(): Argument {
  return new Argument("<container-id>", "the name of the container: letters, digits and _ + - . only");
}
