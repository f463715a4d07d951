import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SeccompArch } from "../../../src/config/types.gen.ts";
import { ARCHITECTURES } from "../../../src/linux/arch.ts";
import { CAPABILITIES } from "../../../src/linux/capabilities.ts";
import { compileSeccomp } from "../../../src/seccomp/compile-seccomp.ts";
import { defaultSeccompProfile } from "../../../src/seccomp/default-profile.ts";
import { ALLOW, ENOSYS, EPERM, Filter } from "./simulated-filter.ts";

function filterFor(...capabilities: readonly string[]): Filter {
  return new Filter(defaultSeccompProfile("SCMP_ARCH_X86_64", capabilities));
}

describe("defaultSeccompProfile without capabilities", () => {
  const filter = filterFor();

  test("allows what programs need, also through the other ABIs of the machine", () => {
    for (const name of ["read", "openat", "execve", "mmap", "futex", "connect", "ptrace", "statx", "arch_prctl"]) {
      assert.equal(filter.call(name), ALLOW, name);
      if (name !== "arch_prctl") assert.equal(filter.call(name, [], "SCMP_ARCH_X32"), ALLOW, name);
    }
    assert.equal(filter.call("socketcall", [1n], "SCMP_ARCH_X86"), ALLOW);
  });

  test("denies what acts on the host", () => {
    const names = [
      "mount",
      "reboot",
      "init_module",
      "kexec_load",
      "bpf",
      "setns",
      "unshare",
      "keyctl",
      "io_uring_setup",
    ];
    for (const name of names) assert.equal(filter.call(name), EPERM, name);
  });

  test("denies new namespaces, and lets programs fall back from clone3 to clone", () => {
    assert.equal(filter.call("clone", [0x3d0f00n]), ALLOW);
    for (const flag of [0x20000n, 0x2000000n, 0x4000000n, 0x8000000n, 0x10000000n, 0x20000000n, 0x40000000n]) {
      assert.equal(filter.call("clone", [0x11n | flag]), EPERM, flag.toString(16));
    }
    assert.equal(filter.call("clone3"), ENOSYS);
    const s390x = new Filter(defaultSeccompProfile("SCMP_ARCH_S390X"), { native: "SCMP_ARCH_S390X" });
    assert.equal(s390x.call("clone", [0x20000n, 0x11n], "SCMP_ARCH_S390X"), ALLOW);
    assert.equal(s390x.call("clone", [0x11n, 0x20000n], "SCMP_ARCH_S390X"), EPERM);
  });

  test("denies two families of sockets", () => {
    const families = [0n, 1n, 37n, 38n, 39n, 40n, 41n, 1n << 32n];
    const denied = families.filter((family) => filter.call("socket", [family]) === EPERM);
    assert.deepEqual(denied, [38n, 40n]);
  });

  test("allows the personalities of Linux", () => {
    const personalities = [0n, 8n, 0x20000n, 0x20008n, 0xffffffffn, 0x40000n, 4n];
    const denied = personalities.filter((personality) => filter.call("personality", [personality]) === EPERM);
    assert.deepEqual(denied, [0x40000n, 4n]);
  });
});

describe("defaultSeccompProfile with a capability", () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    CAP_SYS_ADMIN: ["mount", "umount2", "setns", "clone3", "bpf"],
    CAP_SYS_BOOT: ["reboot"],
    CAP_SYS_CHROOT: ["chroot"],
    CAP_SYS_PTRACE: ["kcmp", "pidfd_getfd"],
    CAP_SYS_TIME: ["clock_settime"],
    CAP_SYS_NICE: ["mbind"],
    CAP_SYSLOG: ["syslog"],
  };
  for (const [capability, names] of Object.entries(cases)) {
    test(`${capability} adds ${names.join(", ")}`, () => {
      const [without, having] = [filterFor(), filterFor(capability)];
      for (const name of names)
        assert.deepEqual([without.call(name) === ALLOW, having.call(name)], [false, ALLOW], name);
    });
  }

  test("CAP_SYS_ADMIN allows new namespaces", () => {
    assert.equal(filterFor("CAP_SYS_ADMIN").call("clone", [0x20000n]), ALLOW);
  });
});

test("defaultSeccompProfile compiles without a word on every architecture, with every capability and with none", () => {
  for (const native of Object.keys(ARCHITECTURES)) {
    for (const capabilities of [[], Object.keys(CAPABILITIES)]) {
      const seccomp = defaultSeccompProfile(native as SeccompArch, capabilities); // a key of the table of architectures
      const { count, warnings } = compileSeccomp(seccomp, { native });
      assert.deepEqual(warnings, [], native);
      assert.ok(count < 500, `${native}: ${count} instructions`);
    }
  }
});
