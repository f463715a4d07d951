import assert from "node:assert/strict";
import { Buildah } from "../helpers/clients-buildah.ts";
import { FILES, NOT_EXECUTABLE, SELF } from "../helpers/clients-scripts.ts";
import { testClient } from "../helpers/clients-steps.ts";

testClient("buildah run", {
  programs: Buildah.programs,
  packages: Buildah.packages,
  open: Buildah.open,
  steps: {
    "hands on input, output and the exit status": async (buildah) => {
      const container = await buildah.from();
      const script = "read line; echo out $line; echo err >&2; exit 6";
      const { status, stdout, stderr } = await buildah.run(container, [], ["sh", "-c", script], { stdin: "in\n" });
      assert.equal(stdout, "out in\n");
      // Beside what a runtime may have to warn of in buildah's settings.
      assert.match(stderr, /^err$/m);
      return status;
    },
    "shows a process and the files the same as with runc": async (buildah) => {
      const { stdout } = await buildah.run(await buildah.from(), [], ["sh", "-c", SELF + FILES]);
      return stdout;
    },
    "keeps what was written": async (buildah) => {
      const container = await buildah.from();
      await buildah.run(container, [], ["sh", "-c", "echo kept > /file"]);
      assert.equal((await buildah.run(container, [], ["cat", "/file"])).stdout, "kept\n");
    },
    "sets user, directory, capabilities and host name": async (buildah) => {
      const flags = ["--user", "5:6", "--workingdir", "/tmp", "--cap-add", "CAP_NET_ADMIN", "--hostname", "here"];
      const script = "id; pwd; hostname; grep Cap /proc/self/status";
      return (await buildah.run(await buildah.from(), flags, ["sh", "-c", script])).stdout;
    },
    "mounts a directory of the host": async (buildah) => {
      const flags = ["--volume", `${buildah.sandbox.shared}:/mnt:ro`];
      const { stdout } = await buildah.run(await buildah.from(), flags, ["sh", "-c", "ls /mnt; touch /mnt/x 2>&1"]);
      assert.match(stdout, /image\n(?:.*\n)*.*Read-only/);
    },
    "-t gives a terminal": async (buildah) => {
      const container = await buildah.from();
      const argv = buildah.runCommand(container, ["--tty"], "sh", "-c", "tty; exit 5");
      const terminal = buildah.sandbox.terminal(24, 80, argv);
      const { status } = await terminal.ended();
      assert.match(terminal.shown, /^\/dev\/pts\/0\r/m);
      return status;
    },
    "says why a command cannot be executed": async (buildah) => {
      const container = await buildah.from();
      const statuses = [];
      for (const [, command] of NOT_EXECUTABLE) {
        const { status, stderr } = await buildah.run(container, [], [command]);
        statuses.push(status);
        assert.ok(stderr.includes(command), stderr);
      }
      return statuses;
    },
  },
});
