import { createHash } from "node:crypto";
import { findHelper, helperSucceeded, runHelper } from "../../../sys/run-helper.ts";
import { EngineError } from "../../base/errors.ts";
import { DEFAULT_RUN, type EnginePaths } from "../../base/paths.ts";

/** iptables(8) for one version of IP. */
export type Family = 4 | 6;

/** Waits for whoever else changes rules, where that is a lock (iptables-legacy). */
const WAIT = "--wait";

export function hasIptables(): boolean {
  return findHelper("iptables-restore") !== undefined;
}

/** What the names of this engine's chains begin with; those of engines with other directories differ. 28 characters at most in all. */
export function chainPrefix({ run }: EnginePaths): string {
  if (run === DEFAULT_RUN) return "MYDOCKER";
  return `MYDOCKER-${createHash("sha256").update(run).digest("hex").slice(0, 6)}`;
}

/** Carries out a script of iptables-restore(8), each table in one transaction. Throws EngineError with its own words. */
export function restoreRules(action: string, family: Family, script: string): void {
  const result = run(family, "restore", [WAIT, "--noflush"], script);
  if (helperSucceeded(result)) return;
  const [line = ""] = result.output.split("\n");
  throw new EngineError(`Cannot ${action}: ${program(family)}-restore refuses the rules: ${line.trim()}`, {
    code: "ERR_SYSTEM",
  });
}

/** Every rule that is in force, a line each behind its table: "nat -A PREROUTING -j MYDOCKER-PREROUTING". */
export function savedRules(family: Family): readonly string[] {
  if (findHelper(`${program(family)}-save`) === undefined) return [];
  const { output } = run(family, "save", []);
  let table = "";
  return output.split("\n").flatMap((line) => {
    if (line.startsWith("*")) table = line.slice(1);
    return line.startsWith("-A ") ? [`${table} ${line}`] : [];
  });
}

function run(family: Family, verb: "restore" | "save", args: readonly string[], input?: string) {
  const name = `${program(family)}-${verb}`;
  const path = findHelper(name);
  if (path === undefined) {
    throw new EngineError(`Cannot make the rules of a network: ${name} is not installed`, {
      code: "ERR_NOT_SUPPORTED",
      fix: "install nftables, or iptables",
    });
  }
  return runHelper(path, args, input === undefined ? {} : { input });
}

function program(family: Family): string {
  return family === 4 ? "iptables" : "ip6tables";
}
