import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { setLinkUp } from "../../src/sys/netlink/links.ts";
import { withNetlink } from "../../src/sys/netlink/netlink-socket.ts";
import { makeNetns, removeNetns } from "../../src/sys/network-namespaces.ts";

/** Makes a network namespace with nothing in it but lo, which is up. It goes, with all that is in it, after the tests of the file. */
export function testNetns(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), "mydocker-netns-"));
  const path = join(directory, name);
  // Before it is made: a test may see to it that it cannot be.
  after(() => {
    if (existsSync(path)) removeNetns(path);
    rmSync(directory, { recursive: true });
  });
  makeNetns(path);
  withNetlink(path, (socket) => setLinkUp(socket, "lo"));
  return path;
}

/** A command line that runs inside the namespace. */
export function inNetns(path: string, ...argv: readonly string[]): readonly string[] {
  return ["nsenter", `--net=${path}`, "--", ...argv];
}
