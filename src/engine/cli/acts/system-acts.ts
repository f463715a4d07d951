/** The acts of commands/system-commands.ts. */
export const SYSTEM_ACTS = {
  version: () => import("./version.ts"),
} as const;
