/** The acts of commands/system-commands.ts. */
export const SYSTEM_ACTS = {
  info: () => import("./info.ts"),
  version: () => import("./version.ts"),
  doctor: () => import("./doctor.ts"),
  "system df": () => import("./system-df.ts"),
  "system prune": () => import("./system-prune.ts"),
  "system recover": () => import("./system-recover.ts"),
} as const;
