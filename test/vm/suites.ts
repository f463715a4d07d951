import type { CgroupSetup } from "./machine.ts";

/** Test files that one boot of a virtual machine runs. */
export interface VmSuite {
  readonly name: string;
  /** Whether systemd is the first process, with the bus and logind. */
  readonly systemd: boolean;
  /** Which cgroups there are; the unified hierarchy alone where nothing is said. */
  readonly cgroups?: CgroupSetup;
  /** Relative to the project's root. */
  readonly files: readonly string[];
  readonly timeoutMs: number;
}

const MINUTE_MS = 60_000;

/** What the tests need of a kernel, or of its first process, and this host may lack. */
export const VM_SUITES: readonly VmSuite[] = [
  {
    name: "cgroup v2",
    systemd: false,
    files: [
      ...[
        "cgroups-v2",
        "cgroups-v2-unified",
        "cgroups-v2-trees",
        "cgroups-v2-devices",
        "resource-effects",
        "pause",
        "delete",
        "privileges",
        "checkpoint",
        "net-dummy",
        "engine-unified",
      ].map(integration),
      "test/conformance/config-linux/network-devices.test.ts",
    ],
    timeoutMs: 10 * MINUTE_MS,
  },
  {
    name: "systemd",
    systemd: true,
    files: ["systemd", "systemd-user", "systemd-podman"].map(integration),
    timeoutMs: 10 * MINUTE_MS,
  },
  {
    name: "systemd, cgroup v1 and v2",
    systemd: true,
    cgroups: "hybrid",
    files: ["systemd-hybrid"].map(integration),
    timeoutMs: 10 * MINUTE_MS,
  },
];

function integration(name: string): string {
  return `test/integration/${name}.test.ts`;
}
