/** Test files that one boot of a virtual machine runs. */
export interface VmSuite {
  readonly name: string;
  /** Whether systemd is the first process, with the bus and logind. */
  readonly systemd: boolean;
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
      ...["cgroups-v2", "resource-effects", "pause", "delete", "privileges", "checkpoint"].map(integration),
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
];

function integration(name: string): string {
  return `test/integration/${name}.test.ts`;
}
