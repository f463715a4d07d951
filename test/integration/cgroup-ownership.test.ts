import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { describe } from "node:test";
import { containerTest } from "../helpers/container-test.ts";
import { interpret } from "../helpers/interpret.ts";
import { cgroupV1Directory, needsCgroupV1, needsOurs } from "../helpers/needs.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const NEEDS = [needsOurs, needsCgroupV1("memory")];

describe("a cgroup above the container's own", () => {
  containerTest(
    "stays when the container is deleted, while another container uses it",
    async (box) => {
      const [first, second] = [box.id, box.otherId("second")];
      for (const id of [first, second]) {
        box.config.linux.cgroupsPath = `/${box.id}-shared/${id}`;
        box.writeConfig();
        assertSuccess(await box.runtime(["create", "--bundle", box.bundle, id]));
      }
      await box.must("delete", "--force");
      assert.ok(!existsSync(memoryCgroup(`/${box.id}-shared/${first}`)));
      assert.equal(JSON.parse((await box.runtime(["state", second])).stdout).status, "created");
      assertSuccess(await box.runtime(["delete", "--force", second]));
      // The second container has not made it, and does not remove it.
      removeCgroups(box);
    },
    { needs: NEEDS },
  );

  containerTest(
    "goes at the end of run",
    async (box) => {
      box.config.linux.cgroupsPath = `/${box.id}-shared/own`;
      box.setCommands(["exit", "0"]);
      assertSuccess(await box.run());
      assert.deepEqual(box.traces().cgroups, []);
    },
    { needs: NEEDS },
  );

  containerTest(
    "stays at the end of run, with what others have made in it",
    async (box) => {
      const others = memoryCgroup(`/${box.id}-shared/${box.id}-others`);
      box.config.linux.cgroupsPath = `/${box.id}-shared/own`;
      box.config.hooks = { prestart: [{ path: "/bin/mkdir", args: ["mkdir", others] }] };
      box.setCommands(["exit", "0"]);
      assertSuccess(await box.run());
      assert.deepEqual(box.traces().cgroups, [memoryCgroup(`/${box.id}-shared`), others]);
      removeCgroups(box);
    },
    { needs: NEEDS },
  );
});

describe("a process in a cgroup that was there before", () => {
  for (const isKilled of [false, true]) {
    containerTest(
      isKilled ? "survives delete --force after the runtime was killed" : "survives a create that fails because of it",
      async (box) => {
        const cgroup = memoryCgroup(`/${box.id}`);
        const stranger = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
        const ended = once(stranger, "exit");
        box.writeConfig();
        mkdirSync(cgroup);
        writeFileSync(`${cgroup}/tasks`, String(stranger.pid));
        if (isKilled)
          await interpret(box, { verb: "create", edit: (plan) => ({ ...plan, steps: plan.steps.slice(0, 1) }) });
        else assert.notEqual((await box.create()).status, 0);
        await box.runtime(["delete", "--force", box.id]);
        assert.equal(readFileSync(`${cgroup}/tasks`, "utf8"), `${stranger.pid}\n`);
        stranger.kill("SIGKILL");
        await ended;
        removeCgroups(box);
      },
      { needs: NEEDS },
    );
  }
});

function memoryCgroup(path: string): string {
  return `${cgroupV1Directory("memory")}${path}`;
}

function removeCgroups(box: TestBox): void {
  for (const cgroup of box.traces().cgroups.toReversed()) rmdirSync(cgroup);
}
