import { findProgram } from "../../src/tools/make-rootfs.ts";

export type PeerName = "runc" | "crun";

export interface Peer {
  readonly name: PeerName;
  readonly path: string;
}

/** The other runtimes of this machine: the same tests on them test the tests. */
export function installedPeers(): readonly Peer[] {
  return (["runc", "crun"] as const).flatMap((name) => {
    const path = findProgram(name);
    return path === undefined ? [] : [{ name, path }];
  });
}
