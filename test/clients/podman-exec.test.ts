import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { IMAGE } from "../helpers/clients-image.ts";
import { Podman } from "../helpers/clients-podman.ts";
import { COUNT, SELF, WAIT } from "../helpers/clients-scripts.ts";
import { testClient } from "../helpers/clients-steps.ts";

testClient("podman exec, attach and build", {
  programs: Podman.programs,
  packages: Podman.packages,
  open: Podman.open,
  steps: {
    "exec hands on input, output and the exit status": async (podman) => {
      const name = await podman.started("", WAIT);
      const script = "read line; echo out $line; echo err >&2; exit 6";
      const { status, stdout, stderr } = await podman.engine(["exec", "-i", name, "sh", "-c", script], {
        stdin: "in\n",
      });
      assert.deepEqual({ status, stdout, stderr }, { status: 6, stdout: "out in\n", stderr: "err\n" });
      assert.equal((await podman.engine(["exec", name, "sh", "-c", "kill -KILL $$"])).status, 137);
    },
    "exec shows a process the same as with runc": async (podman) => {
      const name = await podman.started("--cap-drop CHOWN --user 5:6 --env A=1", WAIT);
      return await podman.ok("exec", name, "sh", "-c", SELF);
    },
    "exec sets user, directory, environment and privileges": async (podman) => {
      const name = await podman.started("", WAIT);
      const flags = ["--user", "5:6", "--workdir", "/tmp", "--env", "A=1"];
      assert.equal(await podman.ok("exec", ...flags, name, "sh", "-c", "id -u; id -g; pwd; echo $A"), "5\n6\n/tmp\n1");
      return await podman.ok("exec", "--privileged", name, "sh", "-c", "grep Cap /proc/self/status");
    },
    "exec sees the container's namespaces and cgroups": async (podman) => {
      const name = await podman.started("", WAIT);
      const script =
        "for of in 1 self; do ls -l /proc/$of/ns | cut -d'>' -f2; cat /proc/$of/cgroup; done | sort | uniq -u";
      assert.equal(await podman.ok("exec", name, "sh", "-c", script), "");
    },
    "exec -t gives a terminal": async (podman) => {
      const name = await podman.started("", WAIT);
      assert.match(await podman.ok("exec", "-t", name, "tty"), /^\/dev\/pts\/0\r?$/);
    },
    "exec -it is a terminal of the right size, which follows": async (podman) => {
      const name = await podman.started("-t", WAIT);
      const terminal = podman.terminal("exec", "-it", name, "sh");
      terminal.type("tty; stty size\n");
      await terminal.waitFor(/\/dev\/pts\/1\r\n24 80/);
      terminal.resize(30, 100);
      terminal.type("sleep 0.2; stty size; exit 5\n");
      await terminal.waitFor(/30 100/);
      assert.equal((await terminal.ended()).status, 5);
    },
    "exec -d goes on in the background": async (podman) => {
      const name = await podman.started("", WAIT);
      await podman.ok("exec", "--detach", name, "sh", "-c", "sleep 0.2; echo done > /tmp/done");
      assert.equal(await podman.ok("exec", name, "sh", "-c", "sleep 0.5; cat /tmp/done"), "done");
    },
    "exec says 127 when the command is not there, 126 when it is not executable": async (podman) => {
      const name = await podman.started("", WAIT);
      for (const [status, command] of [
        [127, "nosuch"],
        [127, "/no/such"],
        [126, "/etc/passwd"],
        [126, "/etc"],
      ] as const) {
        const result = await podman.engine(["exec", name, command]);
        assert.equal(result.status, status, JSON.stringify(result));
        assert.ok(result.stderr.includes(command), result.stderr);
      }
    },
    "exec refuses a container that has stopped": async (podman) => {
      const name = await podman.started("", "true");
      await podman.ok("wait", name);
      const { status, stderr } = await podman.engine(["exec", name, "true"]);
      assert.equal(status, 255, stderr);
    },
    "attach hands on output, signals and the exit status": async (podman) => {
      const name = await podman.ready("", `trap 'echo ended; sleep 0.3; exit 9' TERM; echo ready; ${COUNT}`);
      const attached = podman.launch(["attach", "--no-stdin", name]);
      await attached.waitForOutput(/^\d+$/m);
      await podman.ok("kill", "--signal", "TERM", name);
      const { status, stdout } = await attached.ended;
      assert.match(stdout, /ended/);
      return status;
    },
    "detaches by keys, and attaches again": async (podman) => {
      const name = podman.name();
      const script = 'while read line; do [ "$line" = end ] && exit 4; echo "got $line"; done';
      const first = podman.terminal("run", "-it", "--name", name, ...podman.flags(""), IMAGE, "sh", "-c", script);
      first.type("first\n");
      await first.waitFor(/got first/);
      // podman knows the keys only when they come one by one.
      first.type("\u0010");
      await delay(200);
      first.type("\u0011");
      assert.equal((await first.ended()).status, 0);
      const second = podman.terminal("attach", name);
      second.type("second\n");
      await second.waitFor(/got second/);
      second.type("end\n");
      await second.ended();
      assert.equal(await podman.ok("wait", name), "4");
    },
    "healthcheck run tells whether the command succeeds": async (podman) => {
      const name = await podman.ready("--health-interval disable --health-cmd /tmp/healthy", WAIT);
      assert.equal((await podman.engine(["healthcheck", "run", name])).status, 1);
      await podman.ok("exec", name, "sh", "-c", "echo '#!/bin/sh' > /tmp/healthy; chmod 755 /tmp/healthy");
      assert.equal((await podman.engine(["healthcheck", "run", name])).status, 0);
    },
    "build carries out RUN": async (podman) => {
      const directory = join(podman.sandbox.shared, podman.name());
      mkdirSync(directory);
      writeFileSync(join(directory, "file"), "copied\n");
      const lines = [
        `FROM ${IMAGE}`,
        "COPY file /file",
        "RUN cat /file > /made && id -u >> /made",
        "USER 5:6",
        "RUN id -u > /tmp/user",
      ];
      writeFileSync(join(directory, "Containerfile"), `${lines.join("\n")}\n`);
      const image = `localhost/${podman.name()}`;
      const flags = ["--network", "none", "--cgroup-parent", `/${podman.sandbox.mark}/build`, "--tag", image];
      await podman.ok("build", "--no-cache", ...flags, directory);
      assert.equal(
        await podman.ok("run", "--rm", ...podman.flags(""), image, "cat", "/made", "/tmp/user"),
        "copied\n0\n5",
      );
    },
    "build shows why a RUN fails": async (podman) => {
      const directory = join(podman.sandbox.shared, podman.name());
      mkdirSync(directory);
      writeFileSync(join(directory, "Containerfile"), `FROM ${IMAGE}\nRUN echo before >&2; exit 12\n`);
      const { status, stderr } = await podman.engine(["build", "--no-cache", "--network", "none", directory]);
      assert.match(stderr, /before/);
      assert.match(stderr, /exit status 12/);
      return status;
    },
  },
});
