import { fine, type HostFinding, lacking } from "../base/host-finding.ts";
import { cgroupFindings } from "./doctor-cgroups.ts";
import { type DoctorFacts, readDoctorFacts } from "./doctor-facts.ts";
import { kernelFindings } from "./doctor-kernel.ts";
import { userFindings } from "./doctor-users.ts";
import type { RuntimeContext } from "./options.ts";
import { type LocatedProblem, type ValidationReport, validateBundle } from "./validate.ts";

export interface ExamineOptions {
  /** The bundle's directory, absolute: whether it would run here is found too. */
  readonly bundle?: string;
}

/**
 * What this host has and lacks for containers of the caller, and changes nothing. Throws SystemError, and RuntimeError
 * ERR_BUNDLE where a bundle is named that has no config.json.
 */
export async function examineHost(
  context: RuntimeContext,
  { bundle }: ExamineOptions,
): Promise<readonly HostFinding[]> {
  const findings = hostFindings(readDoctorFacts(context));
  if (bundle === undefined) return findings;
  return [...findings, ...bundleFindings(await validateBundle(context, { bundle }))];
}

/** What follows from the facts. Pure. */
export function hostFindings(facts: DoctorFacts): readonly HostFinding[] {
  return [
    ...kernelFindings(facts),
    ...userFindings(facts),
    ...cgroupFindings(facts),
    checkpointFinding(facts),
    stateFinding(facts),
  ];
}

function checkpointFinding({ criu }: DoctorFacts): HostFinding {
  if (criu !== undefined) return fine("criu", criu);
  const effect = "checkpoint and restore are refused";
  return lacking("warning", { name: "criu", seen: "not installed", effect, fix: "install it (Debian: criu)" });
}

function stateFinding({ stateRoot, containers }: DoctorFacts): HostFinding {
  if ("problem" in containers) {
    const effect = "no container can be made or found there";
    const fix = "name a directory of this user with --root, or leave --root out";
    return lacking("missing", { name: "containers", seen: containers.problem, effect, fix });
  }
  const bad = containers.flatMap((entry) => ("problem" in entry ? [entry] : []));
  const [first] = bad;
  if (first === undefined) return fine("containers", `${containers.length} in ${stateRoot}, all readable`);
  return lacking("warning", {
    name: "containers",
    seen: `${bad.length} of ${containers.length} cannot be read: ${bad.map(({ id }) => id).join(", ")}`,
    effect: first.problem,
    fix: `mydocker-runtime --root ${stateRoot} delete --force ${first.id}`,
  });
}

/** The errors and warnings of a bundle's config; one line where it would run as it is. Pure. */
export function bundleFindings({ file, findings }: ValidationReport): readonly HostFinding[] {
  const found = findings.map(bundleFinding);
  const isRefused = findings.some(({ severity }) => severity === "error");
  return isRefused ? found : [fine("bundle", `${file} would run here`), ...found];
}

function bundleFinding({ severity, pointer, value, message, fix, location }: LocatedProblem): HostFinding {
  const { line, column } = location.start;
  return lacking(severity === "error" ? "missing" : "warning", {
    name: `bundle ${pointer || "config.json"}`,
    seen: `${value === undefined ? "" : `${value} `}${message} (line ${line}, column ${column})`,
    effect: severity === "error" ? "this bundle does not run here" : "this part may not be as the config says",
    ...(fix !== undefined && { fix }),
  });
}
