import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dottedSysctl, namespaceOfSysctl, sysctlFile } from "../../../src/linux/sysctls.ts";

describe("namespaceOfSysctl", () => {
  for (const [name, expected] of [
    ["kernel.shmmax", "ipc"],
    ["fs.mqueue.msg_max", "ipc"],
    ["net.ipv4.ip_forward", "network"],
    ["kernel.hostname", "uts"],
    ["user.max_user_namespaces", "user"],
    ["kernel.pid_max", undefined],
    ["vm.swappiness", undefined],
    ["net.", undefined],
    ["net", undefined],
    ["network.x", undefined],
    ["toString", undefined],
  ] as const) {
    it(`puts ${name} into ${expected ?? "no namespace"}`, () => assert.equal(namespaceOfSysctl(name), expected));
  }
});

describe("dottedSysctl and sysctlFile", () => {
  for (const [name, dotted, file] of [
    ["net.ipv4.ip_forward", "net.ipv4.ip_forward", "net/ipv4/ip_forward"],
    ["net/ipv4/ip_forward", "net.ipv4.ip_forward", "net/ipv4/ip_forward"],
    ["net/ipv4/conf/eno2.100/rp_filter", "net.ipv4.conf.eno2/100.rp_filter", "net/ipv4/conf/eno2.100/rp_filter"],
    ["net.ipv4.conf.eno2/100.rp_filter", "net.ipv4.conf.eno2/100.rp_filter", "net/ipv4/conf/eno2.100/rp_filter"],
  ] as const) {
    it(`read ${name}`, () => {
      assert.equal(dottedSysctl(name), dotted);
      assert.equal(sysctlFile(name), file);
    });
  }
});
