import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { findProgram } from "../../src/tools/make-rootfs.ts";
import type { NetworkBox } from "../helpers/network-box.ts";
import { networkTest } from "../helpers/network-test.ts";

/** Declares a test with real containers of the image "base", which go with the box. */
function containerTest(name: string, body: (box: NetworkBox) => Promise<void> | void): void {
  networkTest(name, async (box) => {
    if (findProgram("busybox") === undefined) return;
    box.mydocker(0, "image", "build-base");
    try {
      await body(box);
    } finally {
      const ids = lines(box.mydocker(0, "ps", "-aq").stdout);
      if (ids.length > 0) box.mydocker(0, "rm", "-f", ...ids);
    }
  });
}

function lines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

const SLEEP = ["base", "sleep", "1000"] as const;

containerTest(
  "a running container that is connected looks names up there, and no more when it is disconnected",
  (box) => {
    box.mydocker(0, "network", "create", "--subnet", "10.79.0.0/24", "late");
    box.mydocker(0, "run", "-d", "--name", "web", ...SLEEP);
    const servers = (): string => box.mydocker(0, "exec", "web", "cat", "/etc/resolv.conf").stdout;
    const before = servers();
    box.mydocker(0, "network", "connect", "--ip", "10.79.0.9", "--alias", "www", "late", "web");
    assert.match(servers(), /^nameserver 10\.79\.0\.1\n/);
    assert.match(box.mydocker(0, "exec", "web", "nslookup", "www").stdout, /10\.79\.0\.9/);
    assert.match(
      box.mydocker(1, "network", "connect", "late", "web").stderr,
      /endpoint with name web already exists in network late/,
    );
    box.mydocker(0, "restart", "-t", "0", "web");
    assert.match(box.mydocker(0, "exec", "web", "nslookup", "www").stdout, /10\.79\.0\.9/);
    box.mydocker(0, "network", "disconnect", "late", "web");
    assert.equal(servers(), before);
    assert.match(
      box.mydocker(1, "network", "disconnect", "late", "web").stderr,
      /web is not connected to network late/,
    );
  },
);

containerTest("a container that does not run is on the networks it was connected to when it starts", (box) => {
  box.mydocker(0, "network", "create", "--subnet", "10.79.0.0/24", "late");
  box.mydocker(0, "create", "--name", "web", ...SLEEP);
  box.mydocker(0, "network", "connect", "--ip", "10.79.0.9", "late", "web");
  box.mydocker(0, "network", "disconnect", "bridge", "web");
  box.mydocker(0, "start", "web");
  const addresses = (): string => box.mydocker(0, "exec", "web", "ip", "-o", "-4", "addr").stdout;
  assert.match(addresses(), /eth0 +inet 10\.79\.0\.9\/24/);
  assert.doesNotMatch(addresses(), /172\./);
  box.mydocker(0, "stop", "-t", "0", "web");
  box.mydocker(0, "network", "disconnect", "late", "web");
  box.mydocker(0, "network", "connect", "bridge", "web");
  box.mydocker(0, "start", "web");
  assert.match(addresses(), /eth0 +inet 172\./);
});

containerTest("a container that is renamed is found by its new name, and holds its ports under it", (box) => {
  box.mydocker(0, "network", "create", "back");
  box.mydocker(0, "run", "-d", "--name", "old", "--network", "back", "-p", "8080:80", ...SLEEP);
  box.mydocker(0, "rename", "old", "new");
  const look = (name: string) => box.mydocker(0, "exec", "new", "ping", "-c", "1", "-W", "1", name).stdout;
  assert.match(look("new"), /1 packets received/);
  assert.match(box.mydocker(1, "exec", "new", "ping", "-c", "1", "old").stderr, /bad address/);
  assert.match(box.mydocker(125, "run", "-p", "8080:80", ...SLEEP).stderr, /the container "new" has it/);
  assert.match(box.mydocker(0, "network", "inspect", "back").stdout, /"Name": "new"/);
});

containerTest("--ip-range, --ip6 and an MTU are what the container gets, and a range has an end", (box) => {
  const range = ["--subnet", "10.77.0.0/24", "--ip-range", "10.77.0.128/31", "--ipv6", "--subnet", "fd77::/64"];
  box.mydocker(0, "network", "create", ...range, "-o", "com.docker.network.driver.mtu=1400", "back");
  const show = (...flags: readonly string[]): string =>
    box.mydocker(0, "run", "--rm", "--network", "back", ...flags, "base", "ip", "addr", "show", "eth0").stdout;
  assert.match(show(), /mtu 1400.*inet 10\.77\.0\.128\/24.*inet6 fd77::2\/64/s);
  assert.match(show("--ip", "10.77.0.7", "--ip6", "fd77::77"), /inet 10\.77\.0\.7\/24.*inet6 fd77::77\/64/s);
  for (const name of ["one", "two"]) box.mydocker(0, "run", "-d", "--name", name, "--network", "back", ...SLEEP);
  const { stderr } = box.mydocker(125, "run", "--rm", "--network", "back", ...SLEEP);
  assert.match(stderr, /none of "10\.77\.0\.128\/31" is free/);
});

containerTest(
  "inspect tells the networks of a container that does not run, and what it has on them while it does",
  (box) => {
    box.mydocker(0, "network", "create", "--subnet", "10.77.0.0/24", "back");
    const seen = (): readonly unknown[] => {
      const format = "{{json .NetworkSettings.Networks}}";
      const networks = JSON.parse(box.mydocker(0, "inspect", "-f", format, "web").stdout);
      return Object.entries<Record<string, unknown>>(networks).map(
        ([name, { NetworkID: id, IPAddress: ip, Aliases: aliases }]) => [name, String(id).length, ip, aliases],
      );
    };
    box.mydocker(0, "create", "--name", "web", "--network", "back", "--network-alias", "www", ...SLEEP);
    assert.deepEqual(seen(), [["back", 64, "", ["www"]]]);
    box.mydocker(0, "start", "web");
    assert.deepEqual(seen(), [["back", 64, "10.77.0.2", ["www"]]]);
    box.mydocker(0, "network", "connect", "bridge", "web");
    box.mydocker(0, "stop", "-t", "0", "web");
    assert.deepEqual(seen(), [
      ["back", 64, "", ["www"]],
      ["bridge", 64, "", []],
    ]);
  },
);

containerTest("the bridge keeps its hardware address while containers come and go", (box) => {
  box.mydocker(0, "network", "create", "back");
  const [, bridge = ""] = /(br-\w+)/.exec(box.ip(box.host, "-o", "link")) ?? [];
  const address = (): string | undefined => /link\/ether (\S+)/.exec(box.ip(box.host, "link", "show", bridge))?.[1];
  const before = address();
  for (const name of ["one", "two"]) box.mydocker(0, "run", "-d", "--name", name, "--network", "back", ...SLEEP);
  assert.equal(address(), before);
  box.mydocker(0, "rm", "-f", "one", "two");
  assert.equal(address(), before);
});

containerTest("a container without a network of its own is put on none", (box) => {
  box.mydocker(0, "create", "--name", "alone", "--network", "none", ...SLEEP);
  assert.match(box.mydocker(1, "network", "connect", "bridge", "alone").stderr, /its network is "none"/);
  box.mydocker(0, "create", "--name", "web", ...SLEEP);
  assert.match(
    box.mydocker(1, "network", "connect", "host", "web").stderr,
    /cannot be connected to the network "host"/,
  );
  assert.match(box.mydocker(1, "network", "connect", "bridge", "nobody").stderr, /No such container: nobody/);
});

containerTest("fifty containers that are run at once have fifty addresses", async (box) => {
  const statuses = await Promise.all(
    Array.from({ length: 50 }, () => {
      const [file = "", ...args] = box.mydockerArgv("run", "-d", ...SLEEP);
      const child = spawn(file, args, { stdio: ["ignore", "ignore", "inherit"] });
      return new Promise((done) => child.once("close", done));
    }),
  );
  assert.deepEqual(new Set(statuses), new Set([0]));
  const addresses = lines(
    box.mydocker(0, "network", "inspect", "-f", '{{range .Containers}}{{.IPv4Address}}{{"\\n"}}{{end}}', "bridge")
      .stdout,
  );
  assert.equal(new Set(addresses).size, 50);
});

containerTest(
  "system recover frees what a container has left that ended with its monitor, and takes no living one's",
  (box) => {
    box.mydocker(0, "run", "-d", "--name", "living", "-p", "8081:80", ...SLEEP);
    const before = box.traces();
    box.mydocker(0, "run", "-d", "--name", "dead", "-p", "8082:80", ...SLEEP);
    const pid = Number(box.mydocker(0, "inspect", "-f", "{{.State.Pid}}", "dead").stdout);
    const id = box.mydocker(0, "inspect", "-f", "{{.Id}}", "dead").stdout.trim();
    for (const monitor of box.monitorsOf(id)) process.kill(monitor, "SIGKILL");
    process.kill(pid, "SIGKILL");
    while (existsSync(`/proc/${pid}`)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    assert.match(box.mydocker(0, "system", "recover").stdout, new RegExp(id));
    assert.deepEqual(box.traces(), before);
    assert.equal(box.mydocker(0, "system", "recover").stdout, "");
  },
);

containerTest("the default network is there before its first use, and cannot be removed", (box) => {
  assert.match(
    box.mydocker(0, "network", "ls").stdout,
    /^NETWORK ID +NAME +IpRange +DRIVER +SCOPE\n[0-9a-f]{12} +bridge +172\.17\.0\.0\/16 +bridge +local\n/,
  );
  assert.match(
    box.mydocker(1, "network", "rm", "bridge").stderr,
    /bridge is a pre-defined network and cannot be removed/,
  );
  assert.match(box.mydocker(0, "network", "inspect", "bridge").stdout, /"Subnet": "172\.17\.0\.0\/16"/);
});

containerTest("network prune removes what nobody uses, by label and age, and asks first", (box) => {
  for (const [name, label] of [
    ["old", "keep=no"] as const,
    ["kept", "keep=yes"] as const,
    ["used", "keep=no"] as const,
  ]) {
    box.mydocker(0, "network", "create", "--label", label, name);
  }
  box.mydocker(0, "run", "-d", "--network", "used", ...SLEEP);
  const prune = (...words: readonly string[]): string => box.mydocker(0, "network", "prune", ...words).stdout;
  assert.match(prune(), /Are you sure you want to continue\? \[y\/N\] $/);
  assert.equal(prune("-f", "--filter", "until=1h"), "");
  assert.equal(prune("-f", "--filter", "label!=keep=yes"), "Deleted Networks:\nold\n");
  assert.equal(prune("-f", "--filter", "label=keep=yes"), "Deleted Networks:\nkept\n");
  assert.match(box.mydocker(1, "network", "prune", "-f", "--filter", "x=y").stderr, /invalid filter 'x'/);
});

containerTest("a port is chosen from a range, and an exposed one is published with -P", (box) => {
  for (const name of ["first", "second"]) box.mydocker(0, "run", "-d", "--name", name, "-p", "9005-9006:80", ...SLEEP);
  const port = (name: string): string => box.mydocker(0, "port", name).stdout;
  assert.equal(port("first"), "80/tcp -> 0.0.0.0:9005\n");
  assert.equal(port("second"), "80/tcp -> 0.0.0.0:9006\n");
  assert.match(
    box.mydocker(125, "run", "-p", "9005-9006:80", ...SLEEP).stderr,
    /no port of the host from 9005 to 9006 is free/,
  );
  box.mydocker(0, "run", "-d", "--name", "all", "-P", "--expose", "81", "--expose", "90-91/udp", ...SLEEP);
  assert.match(port("all"), /^81\/tcp -> 0\.0\.0\.0:\d+\n90\/udp -> 0\.0\.0\.0:\d+\n91\/udp -> 0\.0\.0\.0:\d+\n$/);
});

containerTest("what --keep-on-failure keeps is in its network until rm", (box) => {
  box.mydocker(127, "run", "--keep-on-failure", "--name", "one", "base", "nosuch");
  const connected = (): string => {
    return box.mydocker(0, "network", "inspect", "-f", "{{len .Containers}}", "bridge").stdout.trim();
  };
  assert.equal(connected(), "1");
  box.mydocker(0, "rm", "one");
  assert.equal(connected(), "0");
});
