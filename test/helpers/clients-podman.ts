import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertNothingLeft } from "./clients-checks.ts";
import { Engine } from "./clients-engine.ts";
import type { ClientSandbox } from "./clients-sandbox.ts";
import type { ClientRuntime } from "./clients-steps.ts";

/**
 * The limits are for machines whose root may not raise its own: podman's defaults lie above them. Who parses a runtime's
 * log as JSON is a list of names, to which a person adds ours.
 */
const CONTAINERS_CONF = `
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime_supports_json = ["runc", "mydocker-runtime"]
`;

/** podman with storage, networks and settings of its own, on one of the runtimes. */
export class Podman extends Engine {
  static readonly programs: readonly string[] = ["podman", "conmon"];
  static readonly packages = "podman conmon netavark catatonit iptables";

  static async open(sandbox: ClientSandbox, image: string, runtime: ClientRuntime): Promise<Podman> {
    writeFileSync(join(sandbox.shared, "containers.conf"), CONTAINERS_CONF);
    const podman = new Podman(sandbox, runtime);
    await podman.ok("load", "--input", image);
    return podman;
  }

  override command(...args: readonly string[]): readonly string[] {
    const { inside } = this.sandbox;
    const storage = ["--root", join(inside, "storage"), "--runroot", "/run/podman-storage", "--tmpdir", "/run/podman"];
    const networks = ["--network-config-dir", join(inside, "networks")];
    return ["podman", ...storage, ...networks, "--runtime", this.runtime.path, ...args];
  }

  /** Removes a container, whatever it is doing. */
  remove(name: string): Promise<string> {
    return this.ok("rm", "--force", "--time", "0", name);
  }

  override async cleanUp(): Promise<void> {
    await this.ok("rm", "--all", "--force", "--time", "0");
    await assertNothingLeft(this.sandbox, `/run/${this.runtime.name}`, "conmon");
  }

  protected override get ownFlags(): readonly string[] {
    return ["--cgroup-parent", `/${this.sandbox.mark}`];
  }

  protected override get env(): Readonly<Record<string, string>> {
    return { CONTAINERS_CONF: join(this.sandbox.shared, "containers.conf") };
  }
}
