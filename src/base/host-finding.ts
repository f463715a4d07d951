/** A fact about a host: what was seen, and where it is not as it should be, what that means and the line that mends it. */
export interface HostFinding {
  /** "missing": no container can run without it; "warning": only some cannot. */
  readonly status: "ok" | "warning" | "missing";
  readonly name: string;
  readonly seen: string;
  /** What cannot be done; absent where all is well. */
  readonly effect?: string;
  readonly fix?: string;
}

/** A finding of something that is as it should be. */
export function fine(name: string, seen: string): HostFinding {
  return { status: "ok", name, seen };
}

/** A finding of something that is not: the parts but for the fix are always known. */
export function lacking(
  status: "warning" | "missing",
  about: { readonly name: string; readonly seen: string; readonly effect: string; readonly fix?: string },
): HostFinding {
  return { status, ...about };
}

/** Whether a container can run on a host with these findings. */
export function canRun(findings: readonly HostFinding[]): boolean {
  return findings.every(({ status }) => status !== "missing");
}
