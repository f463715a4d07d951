/** The acts of commands/system-commands.ts. */
export const SYSTEM_ACTS = {
  info: () => import("./info.ts"),
  version: () => import("./version.ts"),
} as const;
