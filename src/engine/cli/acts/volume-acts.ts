/** The acts of commands/volume-commands.ts. */
export const VOLUME_ACTS = {
  "volume create": () => import("./volume-create.ts"),
  "volume ls": () => import("./volume-ls.ts"),
  "volume inspect": () => import("./volume-inspect.ts"),
  "volume rm": () => import("./volume-rm.ts"),
  "volume prune": () => import("./volume-prune.ts"),
} as const;
