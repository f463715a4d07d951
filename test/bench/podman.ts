import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../src/tools/make-rootfs.ts";

/**
 * podman with storage of its own in this directory; undefined where it is not installed. The limits are for machines whose
 * root may not raise its own.
 */
export function podmanArgv(directory: string): readonly string[] | undefined {
  if (findProgram("podman") === undefined) return undefined;
  const conf = join(directory, "containers.conf");
  const limits = 'default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]';
  writeFileSync(conf, `[containers]\n${limits}\n[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n`);
  const places = { root: "root", runroot: "run", tmpdir: "tmp", "network-config-dir": "networks" };
  const flags = Object.entries(places).flatMap(([flag, name]) => [`--${flag}`, join(directory, `podman-${name}`)]);
  return ["env", `CONTAINERS_CONF=${conf}`, "podman", ...flags];
}
