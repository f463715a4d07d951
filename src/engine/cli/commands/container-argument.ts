import { Argument } from "commander";

/** One container, by name, id or the beginning of its id. */
export function containerArgument(): Argument {
  return new Argument("<container>", "the container's name, id, or the beginning of its id");
}

export function containersArgument(): Argument {
  return new Argument("<container...>", "names, ids, or beginnings of ids of containers");
}
