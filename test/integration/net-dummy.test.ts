import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { containerTest } from "../helpers/container-test.ts";
import { ip } from "../helpers/link-pair.ts";
import { needsOurs, needsProgram } from "../helpers/needs.ts";

containerTest(
  "a device without another end is the container's while that runs, by another name, up, and with its address",
  async (box) => {
    const name = `mdr${process.pid % 100_000}d`;
    await ip(box, "link", "add", name, "type", "dummy");
    await ip(box, "addr", "add", "192.0.2.7/24", "dev", name);
    box.config.linux.netDevices = { [name]: { name: "inside" } };
    await box.started(["sleep", "600000"]);
    const { pid } = await box.state();
    const shown = (...args: readonly string[]) =>
      box.program(["nsenter", "--net", "--target", String(pid), "ip", ...args]);
    const { stdout } = await shown("-json", "addr", "show", "dev", "inside");
    const [link] = JSON.parse(stdout);
    assert.ok(link.flags.includes("UP"), stdout);
    assert.equal(link.addr_info[0].local, "192.0.2.7");
    assert.notEqual((await box.program(["ip", "link", "show", name])).status, 0);
    // The kernel removes it with the container's network namespace.
    await box.must("delete", "--force");
    assert.notEqual((await box.program(["ip", "link", "show", name])).status, 0);
  },
  { needs: [needsOurs, needsProgram("ip"), needsProgram("nsenter"), needsDummyLinks] },
);

/** Many containers' kernels have none. */
function needsDummyLinks(): string | undefined {
  const name = `mdr${process.pid % 100_000}p`;
  const has = spawnSync("ip", ["link", "add", name, "type", "dummy"]).status === 0;
  if (has) spawnSync("ip", ["link", "delete", name]);
  return has ? undefined : "needs dummy links";
}
