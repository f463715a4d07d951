import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { V1_HOST } from "../../../../src/tools/fixed-hosts.ts";
import { build, type Fragment, linesFrom, opsOf, showStep } from "../plan-of.ts";

type Linux = NonNullable<Fragment["linux"]>;

const MOUNT: Linux["namespaces"] = [{ type: "mount" }];
const MAP = [{ containerID: 0, hostID: 1, size: 1 }];

function linesOf(fragment: Fragment, pattern: RegExp, more?: Parameters<typeof build>[1]): readonly string[] {
  return build(fragment, more)
    .plan.steps.map(showStep)
    .filter((line) => pattern.test(line));
}

describe("devices", () => {
  const OWN: Linux["devices"] = [
    { path: "/dev/null", type: "c", major: 1, minor: 3 },
    { path: "/dev/pipe", type: "p", fileMode: 0o600, uid: 1, gid: 2 },
    { path: "/dev/unbuffered", type: "u", major: 4, minor: 5 },
    { path: "/dev/disk", type: "b", major: 6, minor: 7 },
  ];

  it("are made with the mode and owner of the config, or the usual ones", () => {
    assert.deepEqual(linesFrom("/linux/devices", { linux: { namespaces: MOUNT, devices: OWN } }), [
      "init dev.node /dev/null c 1:3 0666 0:0",
      "init dev.node /dev/pipe p 0:0 0600 1:2",
      "init dev.node /dev/unbuffered c 4:5 0666 0:0",
      "init dev.node /dev/disk b 6:7 0666 0:0",
    ]);
  });

  it("include the spec's, but for a path that the config has", () => {
    assert.deepEqual(
      linesFrom("implied config-linux.md#default-devices", { linux: { namespaces: MOUNT, devices: OWN } }),
      [
        "init dev.node /dev/zero c 1:5 0666 0:0",
        "init dev.node /dev/full c 1:7 0666 0:0",
        "init dev.node /dev/random c 1:8 0666 0:0",
        "init dev.node /dev/urandom c 1:9 0666 0:0",
        "init dev.node /dev/tty c 5:0 0666 0:0",
      ],
    );
  });

  it("are the host's own in a user namespace, where mknod is refused", () => {
    const devices = [{ path: "/dev/fuse", type: "c" as const, major: 10, minor: 229 }];
    const linux: Linux = { namespaces: [...MOUNT, { type: "user" }], uidMappings: MAP, gidMappings: MAP, devices };
    assert.deepEqual(linesFrom("/linux/devices", { linux }), [
      "parent tree.open #16 /dev/fuse",
      "init mount.attach /dev/fuse → /dev/fuse",
    ]);
    assert.deepEqual(linesOf({ linux }, /dev\.node/), []);
  });
});

describe("the root filesystem", () => {
  const PROPAGATIONS = [
    ["shared", "rshared"],
    ["rshared", "rshared"],
    ["slave", "rslave"],
    ["private", "rprivate"],
    ["unbindable", "rslave"],
  ] as const;
  for (const [wanted, first] of PROPAGATIONS) {
    it(`begins with everything ${first} where it is to be ${wanted} in the end`, () => {
      const linux: Linux = { namespaces: MOUNT, rootfsPropagation: wanted };
      assert.deepEqual(linesFrom("/linux/rootfsPropagation", { linux }), [
        `init mount.propagation / ${first}`,
        `init root.propagation ${wanted}`,
      ]);
    });
  }

  it("lets mounts of the host in, and none out, where the config says nothing", () => {
    assert.deepEqual(linesOf({}, /propagation/), ["init mount.propagation / rslave"]);
  });

  it("needs a private mount around it where everything stays shared", () => {
    const attach = (rootfsPropagation: "shared" | "private") =>
      opsOf("root.attach", { linux: { namespaces: MOUNT, rootfsPropagation } })[0]?.privateParent;
    assert.deepEqual([attach("shared"), attach("private")], [1, 0]);
  });

  it("becomes the root by pivot_root, or is moved there", () => {
    assert.deepEqual(linesFrom("/root/path", {}), ["init root.attach /bundle/rootfs", "init root.pivot"]);
    const host = { ...V1_HOST, kernelMounts: ["/bundle/rootfs/proc", "/sys", "/proc"] };
    assert.deepEqual(linesFrom("--no-pivot", {}, { noPivot: true, host }), ["init root.move without /sys /proc"]);
  });

  it("is nothing but a directory without a mount namespace: what is mounted there would be the host's", () => {
    const fragment: Fragment = {
      linux: { namespaces: [], maskedPaths: ["/m"], readonlyPaths: ["/r"] },
      mounts: [{ destination: "/x", type: "tmpfs", source: "t" }],
    };
    assert.deepEqual(linesOf(fragment, /^init (root\.|mount\.|path\.|tree\.|dev\.)/), [
      "init root.chroot /bundle/rootfs",
    ]);
  });

  it("is protected when everything is in it", () => {
    const fragment: Fragment = {
      root: { path: "rootfs", readonly: true },
      linux: {
        namespaces: [...MOUNT, { type: "uts" }, { type: "network" }],
        maskedPaths: ["/m"],
        readonlyPaths: ["/r"],
      },
      hostname: "h",
    };
    assert.deepEqual(linesOf(fragment, /root\.|path\.|uts\./), [
      "init root.attach /bundle/rootfs",
      "init root.pivot",
      "init root.readonly /",
      "init uts.hostname h",
      "init path.readonly /r",
      "init path.mask /m",
    ]);
  });
});

describe("kernel parameters", () => {
  it("are files of /proc/sys, with dots or slashes in their names", () => {
    const linux: Linux = {
      namespaces: MOUNT,
      sysctl: { "net.ipv4.ip_forward": "1", "net/ipv4/conf/eth0.5/forwarding": "0" },
    };
    assert.deepEqual(linesFrom("/linux/sysctl", { linux }), [
      "init sysctl.write /proc/sys/net/ipv4/ip_forward = 1",
      "init sysctl.write /proc/sys/net/ipv4/conf/eth0.5/forwarding = 0",
    ]);
    const { steps } = build({ linux }).plan;
    const origins = steps.filter(({ op }) => op.op === "sysctl.write").map(({ from }) => from);
    assert.deepEqual(origins[1], { config: "/linux/sysctl/net~1ipv4~1conf~1eth0.5~1forwarding" });
  });

  it("include the names of the container", () => {
    assert.deepEqual(linesFrom("/hostname", { hostname: "box" }), ["init uts.hostname box"]);
    assert.deepEqual(linesFrom("/domainname", { domainname: "example.org" }), ["init uts.domainname example.org"]);
    assert.deepEqual(linesFrom("/hostname", { hostname: "" }), []);
  });
});

describe("hooks", () => {
  const hook = { path: "/h" };

  it("are run by whom the spec says, at their moments", () => {
    const hooks = Object.fromEntries(
      ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"].map((kind) => [
        kind,
        [hook],
      ]),
    );
    assert.deepEqual(
      linesOf({ hooks }, /hook\.run|child\.clone|root\.pivot|state\.write| exec |wait_ex|state\.remove/),
      [
        "parent child.clone init CLONE_NEWNS|CLONE_NEWPID",
        "parent hook.run prestart /h",
        "parent hook.run createRuntime /h",
        "init hook.run createContainer /h",
        "init root.pivot",
        "parent state.write /state/box/state.json",
        "init hook.run startContainer /h",
        "init exec true",
        "parent child.wait_exec",
        "parent hook.run poststart /h",
        "parent child.wait_exit",
        "parent state.remove /state/box",
        "parent hook.run poststop /h",
      ],
    );
  });

  it("get a state that is JSON around the pid, whatever the annotations hold", () => {
    const annotations = { a: 'b"c', '"pid":0': "}" };
    const [run] = opsOf("hook.run", { hooks: { createRuntime: [hook] }, annotations });
    assert.ok(run !== undefined);
    const state: unknown = JSON.parse(`${run.stateBeforePid}4321${run.stateAfterPid}`);
    assert.deepEqual(
      { ...(state as object), status: "" },
      {
        ociVersion: "1.3.0",
        id: "box",
        status: "",
        pid: 4321,
        bundle: "/bundle",
        annotations,
      },
    );
  });

  it("have their timeout in milliseconds, and none by default", () => {
    const hooks = { prestart: [{ path: "/a", timeout: 2 }, { path: "/b" }] };
    assert.deepEqual(
      opsOf("hook.run", { hooks }).map(({ timeoutMs }) => timeoutMs),
      [2000, 0],
    );
  });

  it("have no environment but their own; the one of the process where they are in its place", () => {
    const hooks = { prestart: [hook], startContainer: [hook, { path: "/i", env: ["A=b"] }] };
    const runs = opsOf("hook.run", { hooks, process: { env: ["X=y"] } });
    assert.deepEqual(
      runs.map(({ env }) => env),
      [[], ["X=y"], ["A=b"]],
    );
  });

  it("stop everything when they fail, but for those of poststop", () => {
    const runs = opsOf("hook.run", { hooks: { prestart: [hook], poststart: [hook], poststop: [hook] } });
    assert.deepEqual(
      runs.map(({ mustSucceed }) => mustSucceed),
      [1, 1, 0],
    );
  });
});

describe("a terminal", () => {
  const process = { terminal: true, consoleSize: { height: 24, width: 80 } };

  it("is kept by who runs in the foreground", () => {
    assert.deepEqual(opsOf("console.open", { process }), [
      { op: "console.open", slot: 0, rows: 24, columns: 80, uid: 0, bind: 1 },
    ]);
    assert.deepEqual(linesOf({ process }, /^parent console/), ["parent console.receive"]);
  });

  it("is sent to the socket that the caller names", () => {
    const more = { verb: "create", consoleSocket: "/sock" } as const;
    assert.deepEqual(linesOf({ process }, /console/, more), [
      "parent console.connect #2 /sock",
      "init console.open → #2",
    ]);
  });

  it("is the streams' owner, who is not changed besides", () => {
    assert.deepEqual(linesOf({ process }, /stdio/), []);
  });
});

describe("the end of a plan", () => {
  const last = (more: Parameters<typeof build>[1]): string | undefined => linesOf({}, /./, more).at(-1);

  it("is the removal of what was made, unless it is kept or left running", () => {
    assert.equal(last({}), "parent state.remove /state/box");
    assert.equal(last({ keep: true }), "parent child.wait_exit");
    assert.equal(last({ detach: true }), "parent child.wait_exec");
    assert.equal(last({ verb: "create" }), "init exec true");
  });

  it("is preceded by the pid file and the pidfd for who asked for them, when the state is written", () => {
    assert.deepEqual(linesOf({}, /pidf|state\.write|post go/, { pidFile: "/p", pidfdSocket: "/s" }), [
      "parent state.write /state/box/state.json",
      "parent pidfd.send /s",
      "parent pidfile.write /p",
      "parent sync.post go",
    ]);
  });

  it("ends all processes of a container without a pid namespace, whose init does not take them along", () => {
    assert.deepEqual(linesOf({ linux: { namespaces: MOUNT } }, /cgroup\.kill/), [
      "parent cgroup.kill /sys/fs/cgroup/pids/box",
    ]);
    assert.deepEqual(linesOf({}, /cgroup\.kill/), []);
  });
});
