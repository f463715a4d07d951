import type { ContainerFacts, ImageFacts, Namespaces } from "../../../../src/engine/graph/container-facts.ts";

export const HOST: Namespaces = { mount: 1, cgroup: 2, uts: 3, ipc: 4, user: 5, pid: 6, network: 7, time: 8 };

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

const BASE_LAYER = { chainId: digest("a"), diffId: digest("a"), sizeBytes: 1_980_000 };

const BASE: ImageFacts = { id: digest("1"), tags: ["base:latest", "base:1"], layers: [BASE_LAYER] };

const DERIVED: ImageFacts = {
  id: digest("2"),
  tags: [],
  layers: [
    { chainId: digest("c"), diffId: digest("d") },
    { chainId: digest("b"), diffId: digest("e"), sizeBytes: 12 },
    BASE_LAYER,
  ],
};

const FRONT = {
  id: "f".repeat(64),
  name: "front",
  driver: "bridge",
  device: "br-front",
  subnets: ["172.18.0.0/16", "fd00::/64"],
};

const WEB: ContainerFacts = {
  id: "0123456789ab".padEnd(64, "0"),
  name: "web",
  image: "base",
  status: "running",
  pid: 4711,
  namespaces: { ...HOST, mount: 101, uts: 103, ipc: 104, pid: 106, network: 107 },
  root: { driver: "overlay2", source: "/var/lib/mydocker/overlay2/0123456789ab/merged", isWritable: true },
  mounts: [
    { Type: "volume", Name: "data", Source: "/var/lib/mydocker/volumes/data/_data", Destination: "/data", RW: true },
    { Type: "bind", Source: "/srv/pages", Destination: "/data/pages", RW: false },
    { Type: "tmpfs", Source: "", Destination: "/data-cache", RW: true },
  ],
  cgroup: {
    path: `/mydocker/${"0123456789ab".padEnd(64, "0")}`,
    limits: { memoryBytes: 64 * 1024 * 1024, memorySwapBytes: -1, cpus: 1.5, cpusetCpus: "0-1", pids: 100 },
  },
  networks: [{ ...FRONT, attachment: ["eth0", "172.18.0.2/16", "fd00::2/64"] }],
  ports: ["127.0.0.1:8080 → 80/tcp", "[::1]:8080 → 80/tcp"],
  imageFacts: BASE,
};

/** With the network namespace of WEB, the pid namespace of the host, a volume of WEB, and the lowest layer of its image. */
const SIDE: ContainerFacts = {
  ...WEB,
  id: "abcdef".padEnd(64, "0"),
  name: "side",
  image: digest("2"),
  status: "paused",
  pid: 4712,
  namespaces: { ...HOST, mount: 201, uts: 203, ipc: 204, network: 107 },
  root: { ...WEB.root, isWritable: false },
  mounts: [
    { Type: "volume", Name: "data", Source: "/var/lib/mydocker/volumes/data/_data", Destination: "/web", RW: false },
  ],
  cgroup: { path: "/mydocker/side", limits: {} },
  networks: [],
  ports: [],
  imageFacts: DERIVED,
};

export const SHARED: readonly ContainerFacts[] = [WEB, SIDE];

/** What could end an attribute, begin an element or an entity, rewrite a terminal, turn the text around, or is no XML. */
export const HOSTILE_TEXT = `a<&">'b</text><script>alert(1)</script>]]>&lt;\\n\u001b[2J\u0000\n\u202e\u200b\ud800\uffff`;

const { imageFacts: _, ...WITHOUT_IMAGE } = WEB;

/** Everything that somebody else can choose. */
export const HOSTILE: readonly ContainerFacts[] = [
  {
    ...WITHOUT_IMAGE,
    name: HOSTILE_TEXT,
    image: HOSTILE_TEXT,
    status: "exited",
    pid: 0,
    namespaces: {},
    mounts: [
      { Type: "bind", Source: `/${HOSTILE_TEXT}`, Destination: `/${HOSTILE_TEXT}`, RW: true },
      {
        Type: "volume",
        Name: HOSTILE_TEXT,
        Source: `/v/${HOSTILE_TEXT}`,
        Destination: `/宽宽${"宽".repeat(60)}`,
        RW: true,
      },
    ],
    cgroup: { path: `/${HOSTILE_TEXT}`, limits: { cpusetCpus: HOSTILE_TEXT } },
    networks: [{ ...FRONT, name: HOSTILE_TEXT, device: HOSTILE_TEXT, attachment: [HOSTILE_TEXT] }],
    ports: [HOSTILE_TEXT],
    imageFacts: { ...BASE, tags: [HOSTILE_TEXT] },
  },
];
