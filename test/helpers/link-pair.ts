import { assertSuccess, type TestBox } from "./test-box.ts";

let pairs = 0;

/** Makes a pair of network devices of the host, with more flags for the first; the other end takes it along when it goes. */
export async function withLinkPair(
  box: TestBox,
  body: (name: string) => Promise<void>,
  flags: readonly string[] = [],
): Promise<void> {
  const name = `mdr${process.pid % 100_000}n${++pairs}`;
  const peer = `${name}p`;
  await ip(box, "link", "add", name, ...flags, "type", "veth", "peer", "name", peer);
  try {
    await body(name);
  } finally {
    await box.program(["ip", "link", "delete", peer]);
  }
}

/** Runs ip(8) on the host, and gives what it prints. */
export async function ip(box: TestBox, ...args: readonly string[]): Promise<string> {
  const result = await box.program(["ip", ...args]);
  assertSuccess(result);
  return result.stdout;
}
