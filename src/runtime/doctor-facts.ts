import { RuntimeError } from "../base/errors.ts";
import type { HostFacts, RootlessFacts } from "../plan/host-facts.ts";
import { pathType } from "../sys/files.ts";
import { findInPath } from "../sys/find-in-path.ts";
import { type KernelAbilities, kernelAbilities } from "../sys/probe-features.ts";
import { probeHost } from "../sys/probe-host.ts";
import { probeSystemd } from "../sys/probe-systemd.ts";
import { probeRootless } from "../sys/subid.ts";
import { listContainers } from "./list.ts";
import type { ListEntry, RuntimeContext } from "./options.ts";

/** What is looked at of a host: plain data, so that what follows from it can be tested. */
export interface DoctorFacts {
  readonly kernel: KernelAbilities;
  /** "x64", "arm64": as the program's engine names it. */
  readonly architecture: string;
  readonly host: HostFacts;
  readonly rootless: RootlessFacts;
  /** The version of the service manager, or why it cannot be asked. */
  readonly systemd: { readonly version: number } | { readonly problem: string; readonly fix?: string };
  /** Where criu is; absent where it is not installed. */
  readonly criu?: string;
  readonly stateRoot: string;
  readonly containers: readonly ListEntry[] | { readonly problem: string };
}

/** Asks the kernel, the service manager and the state root, and changes nothing. Throws SystemError. */
export function readDoctorFacts(context: RuntimeContext): DoctorFacts {
  const host = probeHost();
  const criu = criuPath(context);
  return {
    kernel: kernelAbilities(),
    architecture: process.arch,
    host,
    rootless: probeRootless(host.uid),
    systemd: serviceManager(host),
    ...(criu !== undefined && { criu }),
    stateRoot: context.root,
    containers: containersOf(context),
  };
}

function serviceManager({ cgroup, uid }: HostFacts): DoctorFacts["systemd"] {
  try {
    const { version = 0 } = probeSystemd(cgroup, { user: uid !== 0, asksForVersion: true });
    return { version };
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const { fix } = error.details;
    return { problem: error.message, ...(fix !== undefined && { fix }) };
  }
}

/** The root may be another user's. */
function containersOf(context: RuntimeContext): DoctorFacts["containers"] {
  try {
    return listContainers(context, {});
  } catch (error) {
    if (error instanceof RuntimeError) return { problem: error.message };
    throw error;
  }
}

function criuPath({ criu }: RuntimeContext): string | undefined {
  if (criu === undefined) return findInPath("criu", process.env.PATH);
  return pathType(criu) === undefined ? undefined : criu;
}
