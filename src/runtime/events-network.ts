import type { Integer } from "../cgroup/decimal.ts";
import { statNumber } from "../cgroup/stat-parsers.ts";
import type { NetworkInterface } from "./options.ts";

/** The columns of /proc/PID/net/dev that are told, by their place behind the name. */
const COLUMNS = {
  RxBytes: 0,
  RxPackets: 1,
  RxErrors: 2,
  RxDropped: 3,
  TxBytes: 8,
  TxPackets: 9,
  TxErrors: 10,
  TxDropped: 11,
} as const;

/**
 * What has gone through the interfaces of a network namespace, but for the loopback; `text` is /proc/PID/net/dev.
 * Source: proc_pid_net(5).
 */
export function parseNetworkInterfaces(text: string): readonly NetworkInterface[] {
  const lines = text.split("\n").filter((line) => line.includes(":"));
  return lines.map(parseLine).filter(({ Name }) => Name !== "lo");
}

function parseLine(line: string): NetworkInterface {
  // A name can hold neither a blank nor a slash, but it can hold a colon.
  const colon = line.lastIndexOf(":");
  const numbers = line
    .slice(colon + 1)
    .trim()
    .split(/\s+/);
  const column = (name: keyof typeof COLUMNS): Integer => statNumber(numbers[COLUMNS[name]]);
  return {
    Name: line.slice(0, colon).trim(),
    RxBytes: column("RxBytes"),
    RxPackets: column("RxPackets"),
    RxErrors: column("RxErrors"),
    RxDropped: column("RxDropped"),
    TxBytes: column("TxBytes"),
    TxPackets: column("TxPackets"),
    TxErrors: column("TxErrors"),
    TxDropped: column("TxDropped"),
  };
}
