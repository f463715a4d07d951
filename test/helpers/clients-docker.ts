import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertNothingLeft } from "./clients-checks.ts";
import { Engine } from "./clients-engine.ts";
import type { ClientSandbox } from "./clients-sandbox.ts";
import type { ClientRuntime } from "./clients-steps.ts";

const DIRECTORY = "/run/test-docker";
const SOCKET = `unix://${DIRECTORY}/sock`;
const ADDED = "mydocker";

/** docker, on a daemon of the test's, with one of the runtimes as the default and by name. */
export class Docker extends Engine {
  static readonly programs: readonly string[] = [
    "dockerd",
    "docker",
    "containerd",
    "containerd-shim-runc-v2",
    "iptables",
  ];
  static readonly packages = "docker.io containerd iptables";
  /** The builder that uses the daemon's runtimes. */
  protected override readonly env = { DOCKER_BUILDKIT: "0" };

  static async open(sandbox: ClientSandbox, image: string, runtime: ClientRuntime): Promise<Docker> {
    const docker = new Docker(sandbox, runtime);
    const config = join(sandbox.shared, "daemon.json");
    writeFileSync(config, JSON.stringify(daemonConfig(sandbox)));
    const runtimes = ["--add-runtime", `${ADDED}=${runtime.path}`, "--default-runtime", docker.#runtimeName];
    const isReady = async (): Promise<boolean> => (await docker.engine(["version"])).status === 0;
    await sandbox.daemon(["dockerd", "--config-file", config, ...runtimes], isReady);
    await docker.ok("load", "--input", image);
    return docker;
  }

  override command(...args: readonly string[]): readonly string[] {
    return ["docker", "--host", SOCKET, ...args];
  }

  /** Removes a container, whatever it is doing. */
  remove(name: string): Promise<string> {
    return this.ok("rm", "--force", name);
  }

  override async cleanUp(): Promise<void> {
    const ids = (await this.ok("ps", "--all", "--quiet")).split("\n").filter((line) => line !== "");
    for (const id of ids) await this.remove(id);
    await assertNothingLeft(this.sandbox, join(DIRECTORY, "exec", `runtime-${this.#runtimeName}/moby`));
  }

  protected override get ownFlags(): readonly string[] {
    return ["--runtime", this.#runtimeName];
  }

  /** As a person would call it in the daemon's settings. */
  get #runtimeName(): string {
    return this.runtime.name === "runc" ? "runc" : ADDED;
  }
}

function daemonConfig(sandbox: ClientSandbox): object {
  return {
    "data-root": join(sandbox.inside, "docker"),
    "exec-root": join(DIRECTORY, "exec"),
    pidfile: join(DIRECTORY, "pid"),
    hosts: [SOCKET],
    "cgroup-parent": `/${sandbox.mark}`,
    "exec-opts": ["native.cgroupdriver=cgroupfs"],
    // Where root may not lower its own.
    "oom-score-adjust": 0,
  };
}
