/** The acts of commands/hidden-commands.ts. */
export const HIDDEN_ACTS = {
  "container-ended": () => import("./container-ended.ts"),
  "container-health": () => import("./container-health.ts"),
  "container-restart": () => import("./container-restart.ts"),
  "doctor-findings": () => import("./doctor-findings.ts"),
  "enter-failed": () => import("./enter-failed.ts"),
  "exec-ended": () => import("./exec-ended.ts"),
  "exec-failed": () => import("./exec-failed.ts"),
} as const;
