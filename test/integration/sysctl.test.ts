import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { containerTest } from "../helpers/container-test.ts";

const NAMESPACED: Readonly<Record<string, string>> = {
  "net.ipv4.ip_forward": "1",
  "net.ipv4.ping_group_range": "0\t2147483647",
  "kernel.msgmax": "4096",
  "kernel.shm_rmid_forced": "1",
  "fs.mqueue.msg_max": "15",
};

for (const [key, value] of Object.entries(NAMESPACED)) {
  containerTest(`linux.sysctl sets ${key}, in the container only`, async (box) => {
    const file = `/proc/sys/${key.replaceAll(".", "/")}`;
    const before = readFileSync(file, "utf8");
    box.config.linux.sysctl = { [key]: value.replace("\t", " ") };
    const [text] = await box.look(["cat", file]);
    assert.equal(text, `${value}\n`);
    assert.equal(readFileSync(file, "utf8"), before);
  });
}

for (const [key, namespace] of [
  ["net.ipv4.ip_forward", "network"],
  ["kernel.msgmax", "ipc"],
] as const) {
  containerTest(`linux.sysctl refuses ${key} without a ${namespace} namespace`, async (box) => {
    box.config.linux.sysctl = { [key]: "1234" };
    box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== namespace);
    const file = `/proc/sys/${key.replaceAll(".", "/")}`;
    const before = readFileSync(file, "utf8");
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.ok(result.stderr.includes(key), result.stderr);
    assert.equal(readFileSync(file, "utf8"), before);
    await box.assertNoTraces();
  });
}

for (const key of ["kernel.panic", "vm.swappiness", "kernel.hostname"]) {
  containerTest(`linux.sysctl refuses ${key}, which is the host's or the config's own`, async (box) => {
    const file = `/proc/sys/${key.replaceAll(".", "/")}`;
    const before = readFileSync(file, "utf8");
    box.config.linux.sysctl = { [key]: "7" };
    if (key === "kernel.hostname")
      box.config.linux.namespaces = box.config.linux.namespaces.filter(({ type }) => type !== "uts");
    const result = await box.run();
    assert.notEqual(result.status, 0);
    assert.equal(readFileSync(file, "utf8"), before);
  });
}

containerTest("linux.sysctl names a key that the kernel does not have", async (box) => {
  box.config.linux.sysctl = { "net.nosuch.key": "1" };
  const result = await box.run();
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /net.nosuch.key/);
  assert.doesNotMatch(result.stderr, /executable file not found/);
});
