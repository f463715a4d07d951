/** The acts of commands/network-commands.ts. */
export const NETWORK_ACTS = {
  "network connect": () => import("./network-connect.ts"),
  "network create": () => import("./network-create.ts"),
  "network disconnect": () => import("./network-disconnect.ts"),
  "network explain": () => import("./network-explain.ts"),
  "network inspect": () => import("./network-inspect.ts"),
  "network ls": () => import("./network-ls.ts"),
  "network prune": () => import("./network-prune.ts"),
  "network rm": () => import("./network-rm.ts"),
} as const;
