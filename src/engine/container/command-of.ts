import type { ContainerConfig } from "./container-config.ts";

/** The words that run: the entrypoint, and behind it the command. */
export function commandOf({ Entrypoint, Cmd }: Pick<ContainerConfig, "Entrypoint" | "Cmd">): readonly string[] {
  return [...Entrypoint, ...Cmd];
}
