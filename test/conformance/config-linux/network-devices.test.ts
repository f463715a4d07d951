import assert from "node:assert/strict";
import { readFileSync, readlinkSync } from "node:fs";
import { ip, withLinkPair } from "../../helpers/link-pair.ts";
import { needsProgram } from "../../helpers/needs.ts";
import { assertSuccess, type TestBox } from "../../helpers/test-box.ts";
import { assertRefused, requirement } from "../requirement.ts";

const AT = "config-linux.md#network-devices";
const NEEDS = { needs: [needsProgram("ip"), needsProgram("nsenter")] };

interface Link {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly address: string;
  readonly addr_info?: readonly { readonly local: string; readonly prefixlen: number; readonly scope: string }[];
}

requirement(
  AT,
  [
    { id: "MD-CL-24", says: "the listed network devices are available in the container", since: "1.3" },
    { id: "MD-CL-29", says: "a moved network device is up", since: "1.3" },
  ],
  (box) =>
    withLinkPair(box, async (name) => {
      box.config.linux.netDevices = { [name]: {} };
      const link = (await linksOf(box)).find(({ ifname }) => ifname === name);
      assert.ok(link, `${name} in the container`);
      assert.ok(link.flags.includes("UP"), link.flags.join());
    }),
  NEEDS,
);

requirement(
  AT,
  { id: "MD-CL-25", says: "a network device that cannot be moved is an error", since: "1.3" },
  async (box) => {
    box.config.linux.netDevices = { [`none${process.pid}`]: {} };
    await assertRefused(box);
  },
  NEEDS,
);

requirement(
  AT,
  { id: "MD-CL-26", says: "a name that the container has already is an error", since: "1.3" },
  (box) =>
    withLinkPair(box, async (name) => {
      box.config.linux.netDevices = { [name]: { name: "lo" } };
      await assertRefused(box);
      assert.ok(await isOnHost(box, name), "the device is still the host's");
    }),
  NEEDS,
);

requirement(
  AT,
  { id: "MD-CL-27", says: "a new name with %d is a template, and the kernel's to complete", since: "1.3" },
  (box) =>
    withLinkPair(box, async (name) => {
      box.config.linux.netDevices = { [name]: { name: "net%d" } };
      const names = (await linksOf(box)).map(({ ifname }) => ifname);
      assert.ok(names.includes("net0"), names.join());
    }),
  NEEDS,
);

requirement(
  AT,
  { id: "MD-CL-28", says: "a moved network device keeps its attributes and permanent global addresses", since: "1.3" },
  (box) =>
    withLinkPair(box, async (name) => {
      await ip(box, "link", "set", name, "mtu", "1280", "address", "02:00:00:00:12:34");
      for (const address of ["192.0.2.1/24", "2001:db8::1/64"]) {
        await ip(box, "addr", "add", address, "dev", name, ...(address.includes(":") ? ["nodad"] : []));
      }
      box.config.linux.netDevices = { [name]: { name: "inside" } };
      const link = (await linksOf(box)).find(({ ifname }) => ifname === "inside");
      assert.deepEqual([link?.mtu, link?.address], [1280, "02:00:00:00:12:34"]);
      const global = link?.addr_info?.filter(({ scope }) => scope === "global") ?? [];
      assert.deepEqual(global.map(({ local, prefixlen }) => `${local}/${prefixlen}`).sort(), [
        "192.0.2.1/24",
        "2001:db8::1/64",
      ]);
    }),
  NEEDS,
);

requirement(
  AT,
  [
    { id: "MD-CL-30", level: "MUST NOT", says: "the runtime does not manage the device inside", since: "1.3" },
    { id: "MD-CL-31", level: "MUST NOT", says: "the runtime does not move the device out again", since: "1.3" },
  ],
  (box) =>
    withLinkPair(box, async (name) => {
      const holder = await holdNetwork(box);
      const namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "network");
      box.config.linux.namespaces = [...namespaces, { type: "network", path: `/proc/${holder}/ns/net` }];
      box.config.mounts = box.config.mounts.filter(({ type }) => type !== "sysfs" && type !== "cgroup");
      box.config.linux.netDevices = { [name]: {} };
      await box.started(["sleep", "60000"]);
      // What somebody does to the device inside stays as it is.
      await inNetwork(box, holder, "link", "set", name, "mtu", "1300");
      await box.must("delete", "--force");
      const links: readonly Link[] = JSON.parse(await inNetwork(box, holder, "-json", "addr"));
      assert.equal(links.find(({ ifname }) => ifname === name)?.mtu, 1300);
      assert.ok(!(await isOnHost(box, name)));
      assertSuccess(await box.runtime(["delete", "--force", box.otherId("holder")]));
    }),
  NEEDS,
);

async function isOnHost(box: TestBox, name: string): Promise<boolean> {
  return (await box.program(["ip", "link", "show", name])).status === 0;
}

/** The devices in the namespace of a new container. */
async function linksOf(box: TestBox): Promise<readonly Link[]> {
  await box.created();
  const { pid } = await box.state();
  assert.notEqual(readlinkSync(`/proc/${pid}/ns/net`), readlinkSync("/proc/self/ns/net"));
  return JSON.parse(await inNetwork(box, Number(pid), "-json", "addr"));
}

async function inNetwork(box: TestBox, pid: number, ...args: readonly string[]): Promise<string> {
  const result = await box.program(["nsenter", "--target", String(pid), "--net", "ip", ...args]);
  assertSuccess(result);
  return result.stdout;
}

/** The pid of another container's process, which has a network namespace. */
async function holdNetwork(box: TestBox): Promise<number> {
  const id = box.otherId("holder");
  box.writeConfig();
  assertSuccess(await box.runtime(["create", "--bundle", box.bundle, id]));
  const { pid } = JSON.parse((await box.runtime(["state", id])).stdout);
  assert.ok(readFileSync(`/proc/${pid}/status`, "utf8"));
  return pid;
}
