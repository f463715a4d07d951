import { usage } from "./usage.ts";

/** What `--ipc`, `--pid`, `--uts` and `--userns` take; "container:" stands for that and a name. Source: docker-run(1). */
const MODES = {
  ipc: ["host", "private", "shareable", "none", "container:"],
  pid: ["", "host", "container:"],
  uts: ["", "host"],
  userns: ["", "host"],
} as const;

/** Throws EngineError for a mode that there is not: it must not be taken for the usual one. */
export function checkedNamespace(kind: keyof typeof MODES, mode: string): string {
  const isKnown = MODES[kind].some((one) => (one.endsWith(":") ? mode.startsWith(one) && mode !== one : mode === one));
  if (isKnown) return mode;
  throw usage(`--${kind}: invalid ${kind === "userns" ? "USER" : kind.toUpperCase()} mode`, `--${kind}`);
}
