import { CAPABILITIES } from "../../../linux/capabilities.ts";
import { parseSignal } from "../../../linux/signals.ts";
import { dottedSysctl, namespaceOfSysctl } from "../../../linux/sysctls.ts";
import { parseInteger } from "../../base/parse-size.ts";
import { capabilitiesOf } from "../../config-builder/capabilities.ts";
import type { ContainerFlags } from "./container-flags.ts";
import { usage } from "./usage.ts";

/**
 * Refuses values that no container can have, before anything is made, with docker's words. Pure. Throws EngineError that
 * names the flag.
 */
export function checkValues(flags: ContainerFlags): void {
  checkSignal(flags["stop-signal"]);
  if (flags["stop-timeout"] !== undefined) parseInteger(flags["stop-timeout"], "--stop-timeout");
  checkWorkdir(flags.workdir);
  checkRange(flags["oom-score-adj"], -1000, 1000, (value) =>
    usage(`Invalid value ${value}, range for oom score adj is [-1000, 1000]`, "--oom-score-adj"),
  );
  checkRange(flags["memory-swappiness"], 0, 100, (value) =>
    usage(`invalid value: ${value}. Valid memory swappiness range is 0-100`, "--memory-swappiness"),
  );
  checkRange(flags["blkio-weight"], 10, 1000, () =>
    usage("Range of blkio weight is from 10 to 1000", "--blkio-weight"),
  );
  checkRange(flags["cpu-period"], 1000, 1_000_000, () =>
    usage("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)", "--cpu-period"),
  );
  if (!flags["cpu-quota"]?.startsWith("-"))
    checkRange(flags["cpu-quota"], 1000, Number.POSITIVE_INFINITY, () =>
      usage("CPU cfs quota can not be less than 1ms (i.e. 1000)", "--cpu-quota"),
    );
  for (const entry of flags["add-host"]) checkExtraHost(entry);
  for (const address of flags.dns) checkAddress(address);
  for (const setting of flags.sysctl) checkSysctl(setting);
  const known = Object.keys(CAPABILITIES);
  capabilitiesOf({ add: flags["cap-add"], drop: flags["cap-drop"], privileged: false, known });
}

function checkSignal(text: string | undefined): void {
  if (text !== undefined && parseSignal(text) === undefined) throw usage(`Invalid signal: ${text}`, "--stop-signal");
}

function checkWorkdir(path: string | undefined): void {
  if (path === undefined || path === "" || path.startsWith("/")) return;
  throw usage(`the working directory '${path}' is invalid, it needs to be an absolute path`, "--workdir");
}

/** 0 stands for nothing asked for; what is no number is refused where it is read. */
function checkRange(text: string | undefined, min: number, max: number, refuse: (value: number) => Error): void {
  const value = Number(text ?? 0);
  if (value !== 0 && (value < min || value > max)) throw refuse(value);
}

function checkExtraHost(entry: string): void {
  const [, name, address = ""] = /^([^:=]+)[:=](.*)$/.exec(entry) ?? [];
  if (name === undefined) throw usage(`bad format for add-host: "${entry}"`, "--add-host");
  if (address !== "host-gateway" && !isAddress(address.replace(/^\[(.*)\]$/, "$1")))
    throw usage(`invalid IP address in add-host: "${address}"`, "--add-host");
}

function checkAddress(address: string): void {
  if (!isAddress(address)) throw usage(`IP address is not correctly formatted: ${address}`, "--dns");
}

function isAddress(text: string): boolean {
  return process.getBuiltinModule("node:net").isIP(text) !== 0;
}

function checkSysctl(setting: string): void {
  const [name = ""] = setting.split("=");
  const isAllowed = setting.includes("=") && namespaceOfSysctl(dottedSysctl(name)) !== undefined;
  if (!isAllowed) throw usage(`sysctl '${setting}' is not allowed`, "--sysctl");
}
