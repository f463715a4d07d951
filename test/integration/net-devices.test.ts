import assert from "node:assert/strict";
import { describe } from "node:test";
import { containerTest } from "../helpers/container-test.ts";
import { ip, withLinkPair } from "../helpers/link-pair.ts";
import { needsOurs, needsProgram } from "../helpers/needs.ts";
import type { SpecConfig } from "../helpers/spec-config.ts";
import type { TestBox } from "../helpers/test-box.ts";

const NEEDS = { needs: [needsOurs, needsProgram("ip")] };
const ADDRESSES = ["192.0.2.1/24", "2001:db8::1/64"];

describe("a network device of a container whose creation fails", () => {
  const bogusMount = { destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["bogus=1"] };

  const CASES: Readonly<Record<string, (config: SpecConfig, name: string) => void>> = {
    "a mount fails": ({ mounts }) => mounts.push(bogusMount),
    "a createRuntime hook fails": (config) => {
      config.hooks = { createRuntime: [{ path: "/bin/false" }] };
    },
    "another device is not there": ({ linux }, name) => {
      linux.netDevices = { [name]: {}, [`none${process.pid}`]: {} };
    },
    "its new name is a template": ({ linux, mounts }, name) => {
      linux.netDevices = { [name]: { name: "in%d" } };
      mounts.push(bogusMount);
    },
  };

  for (const [title, breakConfig] of Object.entries(CASES)) {
    containerTest(
      `is the host's again, as it was: ${title}`,
      (box) =>
        withPair(box, async (name) => {
          const before = await describeLink(box, name);
          box.config.linux.netDevices = { [name]: { name: "inside" } };
          breakConfig(box.config, name);
          const { status, stderr } = await box.create();
          assert.equal(status, 1, stderr);
          assert.deepEqual(await describeLink(box, name), before);
        }),
      NEEDS,
    );
  }

  containerTest(
    "is the host's again when the command of a run cannot be executed",
    (box) =>
      withPair(box, async (name) => {
        const before = await describeLink(box, name);
        box.config.linux.netDevices = { [name]: {} };
        box.config.process.args = ["/none"];
        const { status, stderr } = await box.run();
        assert.notEqual(status, 0, stderr);
        assert.deepEqual(await describeLink(box, name), before);
      }),
    NEEDS,
  );
});

describe("a network device that becomes a container's", () => {
  containerTest(
    "is told from one that has its index there",
    (box) =>
      withPair(box, async (name) => {
        const { ifindex } = JSON.parse(await ip(box, "-json", "link", "show", name))[0];
        const namespace = `mdrb-${box.id}`;
        await ip(box, "netns", "add", namespace);
        try {
          const taken = ["link", "add", "taken", "index", String(ifindex), "type", "veth"];
          await ip(box, "-netns", namespace, ...taken, "peer", "name", "other");
          joinNetwork(box, `/run/netns/${namespace}`);
          box.config.linux.netDevices = { [name]: { name: "in%d" } };
          await box.created();
          const links = JSON.parse(await ip(box, "-netns", namespace, "-json", "addr"));
          const upOf = (wanted: string): unknown =>
            links.find(({ ifname }: { ifname: string }) => ifname === wanted)?.flags.includes("UP");
          assert.deepEqual([upOf("in0"), upOf("taken")], [true, false]);
        } finally {
          await ip(box, "netns", "delete", namespace);
        }
      }),
    NEEDS,
  );
});

function joinNetwork(box: TestBox, path: string): void {
  const others = box.config.linux.namespaces.filter(({ type }) => type !== "network");
  box.config.linux.namespaces = [...others, { type: "network", path }];
}

/** A new pair of network devices, of which one has addresses and is up. */
async function withPair(box: TestBox, body: (name: string) => Promise<void>): Promise<void> {
  const setUp = async (name: string): Promise<void> => {
    for (const address of ADDRESSES) await ip(box, "addr", "add", address, "dev", name, "nodad");
    await ip(box, "link", "set", name, "up");
    await body(name);
  };
  await withLinkPair(box, setUp, ["mtu", "1280"]);
}

/** What must survive the way there and back. */
async function describeLink(box: TestBox, name: string): Promise<unknown> {
  const [link] = JSON.parse(await ip(box, "-json", "addr", "show", name));
  assert.ok(link, `${name} on the host`);
  const global = link.addr_info.filter(({ scope }: { scope: string }) => scope === "global");
  return {
    mtu: link.mtu,
    isUp: link.flags.includes("UP"),
    addresses: global
      .map(({ local, prefixlen }: { local: string; prefixlen: number }) => `${local}/${prefixlen}`)
      .sort(),
  };
}
