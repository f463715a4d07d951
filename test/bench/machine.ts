import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { runCommand } from "../../src/tools/run-command.ts";
import { installedPeers } from "../helpers/peers.ts";

/** The facts that the figures depend on, as lines of a Markdown list. */
export function machineFacts(): readonly string[] {
  const [cpu] = cpus();
  return [
    `processor: ${cpus().length} × ${cpu?.model ?? "unknown"}`,
    `memory: ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `kernel: Linux ${release().split("-")[0]}`,
    `distribution: ${/^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown"}`,
    `cgroup hierarchies: ${cgroupMounts()}`,
    `load when the benchmark began: ${loadavg()
      .map((value) => value.toFixed(1))
      .join(", ")} (1, 5, 15 minutes)`,
    `engines: Bun ${process.versions.bun ?? "-"}, Node ${runCommand(["node", "--version"]).output.trim()}`,
    ...installedPeers().map(({ name, path }) => `${name}: ${runCommand([path, "--version"]).output.split("\n")[0]}`),
  ];
}

function cgroupMounts(): string {
  const types = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[2]);
  const count = (type: string): number => types.filter((each) => each === type).length;
  return `${count("cgroup")} of v1, ${count("cgroup2")} of v2`;
}
