import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertNothingLeft } from "./clients-checks.ts";
import { callGrpc, decode, type Fields, type Message } from "./clients-grpc.ts";
import { IMAGE } from "./clients-image.ts";
import type { ClientSandbox } from "./clients-sandbox.ts";
import type { Client, ClientRuntime } from "./clients-steps.ts";

/** The name that a Kubernetes RuntimeClass would have as its handler. */
const HANDLER = "tested";
const STATE_ROOT = "/run/test-runtime";

let names = 0;

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

export interface CriStatus {
  readonly state: "created" | "running" | "exited" | "unknown";
  readonly exitStatus: number;
  readonly reason: string;
  readonly message: string;
}

/** The host's network, and process ids of the container's own: NODE and CONTAINER, of NamespaceOption. */
const NAMESPACES: Message = { 1: 2, 2: 1 };

const STATES = ["created", "running", "exited", "unknown"] as const;

/** containerd as the kubelet drives it: pods and containers by the Container Runtime Interface, with a runtime handler. */
export class Cri implements Client {
  static readonly programs: readonly string[] = ["containerd", "ctr", "containerd-shim-runc-v2"];
  static readonly packages = "containerd";
  readonly sandbox: ClientSandbox;
  readonly #pods = new Set<string>();

  constructor(sandbox: ClientSandbox) {
    this.sandbox = sandbox;
  }

  static async open(sandbox: ClientSandbox, image: string, runtime: ClientRuntime): Promise<Cri> {
    const config = join(sandbox.shared, "containerd.toml");
    const cri = new Cri(sandbox);
    writeFileSync(config, daemonConfig(sandbox, cri.#socket, runtime));
    const ctr = ["ctr", "--address", cri.#socket, "--namespace", "k8s.io"];
    await sandbox.daemon(["containerd", "--config", config], async () => {
      return (await sandbox.run([...ctr, "version"])).status === 0;
    });
    await sandbox.output([...ctr, "images", "import", image]);
    return cri;
  }

  /** A pod with its own sandbox container, on the host's network. Returns its id. */
  async startPod(): Promise<string> {
    const name = `pod${++names}`;
    const config = this.#podConfig(name);
    const answer = await this.#call("RunPodSandbox", { 1: config, 2: HANDLER });
    const id = text(answer, 1);
    this.#pods.add(id);
    return id;
  }

  /** A container in a pod, with resources as LinuxContainerResources has them. Returns its id. */
  async create(pod: string, command: readonly string[], resources: Message = {}): Promise<string> {
    const name = `container${++names}`;
    const linux = { 1: resources, 2: { 3: NAMESPACES } };
    const config = { 1: { 1: name }, 2: { 1: IMAGE }, 3: command, 11: `${name}.log`, 15: linux };
    return text(await this.#call("CreateContainer", { 1: pod, 2: config, 3: this.#podConfig(pod) }), 1);
  }

  async start(container: string): Promise<void> {
    await this.#call("StartContainer", { 1: container });
  }

  async exec(container: string, ...command: readonly string[]): Promise<ExecResult> {
    const answer = await this.#call("ExecSync", { 1: container, 2: command, 3: 20 });
    return { stdout: text(answer, 1), stderr: text(answer, 2), status: count(answer, 3) };
  }

  async status(container: string): Promise<CriStatus> {
    const [status] = (await this.#call("ContainerStatus", { 1: container })).get(1) ?? [];
    assert.ok(status instanceof Buffer);
    const fields = decode(status);
    const state = STATES[count(fields, 3)] ?? "unknown";
    return { state, exitStatus: count(fields, 7), reason: text(fields, 10), message: text(fields, 11) };
  }

  async stop(container: string, seconds: number): Promise<void> {
    await this.#call("StopContainer", { 1: container, 2: seconds });
  }

  async updateMemory(container: string, limitBytes: number): Promise<void> {
    await this.#call("UpdateContainerResources", { 1: container, 2: { 4: limitBytes } });
  }

  async removePod(pod: string): Promise<void> {
    await this.#call("StopPodSandbox", { 1: pod });
    await this.#call("RemovePodSandbox", { 1: pod });
    this.#pods.delete(pod);
  }

  async cleanUp(): Promise<void> {
    for (const pod of this.#pods) await this.removePod(pod);
    await assertNothingLeft(this.sandbox, `${STATE_ROOT}/k8s.io`);
  }

  #podConfig(name: string): Message {
    return {
      1: { 1: name, 2: name, 3: "default" },
      3: join(this.sandbox.inside, "logs"),
      8: { 1: `/${this.sandbox.mark}`, 2: { 1: NAMESPACES } },
    };
  }

  get #socket(): string {
    return join(this.sandbox.shared, "sock");
  }

  #call(method: string, request: Message): Promise<Fields> {
    return callGrpc(this.#socket, `/runtime.v1.RuntimeService/${method}`, request);
  }
}

function text(fields: Fields, field: number): string {
  return String(fields.get(field)?.[0] ?? "");
}

function count(fields: Fields, field: number): number {
  return Number(fields.get(field)?.[0] ?? 0);
}

function daemonConfig({ inside }: ClientSandbox, socket: string, runtime: ClientRuntime): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `
version = 2
root = ${JSON.stringify(join(inside, "containerd"))}
state = "/run/test-containerd"
[grpc]
address = "${socket}"
[ttrpc]
address = "${socket}.ttrpc"
[${cri}]
sandbox_image = "${IMAGE}"
# Where root may not lower its own.
restrict_oom_score_adj = true
[${cri}.containerd]
default_runtime_name = "${HANDLER}"
[${cri}.containerd.runtimes.${HANDLER}]
runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.${HANDLER}.options]
BinaryName = ${JSON.stringify(runtime.path)}
Root = "${STATE_ROOT}"
`;
}
