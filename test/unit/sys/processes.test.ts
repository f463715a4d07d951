import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { test } from "node:test";
import { SystemError } from "../../../src/base/errors.ts";
import {
  close,
  memfdFromFile,
  memfdFromText,
  POLL_EVENTS,
  pipe,
  poll,
  readFdText,
} from "../../../src/sys/descriptors.ts";
import { openFile, readText } from "../../../src/sys/files.ts";
import * as processes from "../../../src/sys/processes.ts";

/** Runs a shell script as a child with its standard output in a pipe. */
function shellOutput(script: string, more: Partial<processes.SpawnedProgram> = {}): string {
  const shell = openFile("/bin/sh", 0);
  const [reader, writer] = pipe();
  const fds = [[1, writer] as const, ...(more.fds ?? [])];
  const pid = processes.spawnFd({ fd: shell, argv: ["sh", "-c", script], env: [], keepFds: [], ...more, fds });
  close(writer);
  close(shell);
  const output = readFdText(reader, 100_000);
  close(reader);
  assert.deepEqual(processes.waitPid(pid, true), { exited: true, status: 0 });
  return output;
}

function failsWith(errno: number): (error: unknown) => boolean {
  return (error) => error instanceof SystemError && error.failure.errno === errno;
}

test("spawnFd hands over arguments and environment, empty ones too", () => {
  const script = 'printf "%s|" "$0" "$#" "$@"';
  const argv = ["sh", "-c", script, "zero", "", "two words", "grün"];
  assert.equal(shellOutput("", { argv }), "zero|3||two words|grün|");
  const fd = memfdFromFile("env", "/usr/bin/env");
  assert.equal(shellOutput("", { fd, argv: ["env"], env: ["A=a\nb", "B="] }), "A=a\nb\nB=\n");
  assert.equal(shellOutput("", { fd, argv: ["env"], env: [] }), "");
  close(fd);
});

test("spawnFd refuses a NUL inside an argument, which C would take for its end", () => {
  const fd = openFile("/bin/true", 0);
  const program = { fd, argv: ["true", "a\0b"], env: [], keepFds: [], fds: [] };
  assert.throws(() => processes.spawnFd(program), failsWith(22));
  assert.throws(() => processes.spawnFd({ ...program, argv: ["true"], env: ["A=\0"] }), failsWith(22));
  close(fd);
});

test("spawnFd passes standard streams, pairs and kept descriptors, and no other one", () => {
  const kept = memfdFromText("kept", "", false);
  const left = memfdFromText("left", "", false);
  const right = memfdFromText("right", "", false);
  const names = (pairs: [number, number][]) => {
    const listing = shellOutput("ls -l /proc/self/fd", { env: ["PATH=/bin:/usr/bin"], keepFds: [kept], fds: pairs });
    return [...listing.matchAll(/(\d+ -> \/memfd:\w+)/g)].map(([match]) => match.replace(" -> /memfd:", " ")).sort();
  };
  assert.deepEqual(names([]), [`${kept} kept`]);
  const swapped: [number, number][] = [
    [left, right],
    [right, left],
  ];
  assert.deepEqual(names(swapped), [`${kept} kept`, `${left} right`, `${right} left`].sort());
  for (const fd of [kept, left, right]) close(fd);
});

test("spawnFd executes a descriptor whose number a pair takes", () => {
  const shell = openFile("/bin/sh", 0);
  const other = memfdFromText("other", "the other", false);
  assert.equal(
    shellOutput("cat <&$0", {
      fd: shell,
      argv: ["sh", "-c", "cat /proc/self/fd/$0", String(shell)],
      env: ["PATH=/bin:/usr/bin"],
      fds: [[shell, other]],
    }),
    "the other",
  );
  close(shell);
  close(other);
});

test("spawnFd gives the child signals at their defaults and unblocked", () => {
  const status = shellOutput('while read line; do echo "$line"; done < /proc/self/status');
  assert.match(status, /^SigBlk:\s0+$/m);
  assert.match(status, /^SigIgn:\s0+$/m);
});

test("spawnFd gives the child its limit of open files and keeps this process's", () => {
  const before = processes.readNofile();
  assert.equal(shellOutput("ulimit -Sn; ulimit -Hn", { nofile: { soft: 100, hard: 200 } }), "100\n200\n");
  assert.deepEqual(processes.readNofile(), before);
});

test("spawnFd throws, and leaves no child, when the program cannot be executed", () => {
  const fd = openFile("/proc/self/stat", 0);
  const program = { fd, argv: ["x"], env: [], keepFds: [], fds: [] };
  assert.throws(() => processes.spawnFd(program), { message: 'Cannot start "x": permission denied (EACCES)' });
  assert.throws(() => processes.spawnFd({ ...program, fd: -1 }), failsWith(9));
  assert.throws(() => processes.spawnFd({ ...program, keepFds: [987654] }), failsWith(9));
  assert.equal(readText(`/proc/self/task/${process.pid}/children`), "");
  close(fd);
});

test("waitPid tells an exit status, a signal, and a child that lives", () => {
  const shell = openFile("/bin/sh", 0);
  const start = (script: string) =>
    processes.spawnFd({ fd: shell, argv: ["sh", "-c", script], env: ["PATH=/bin:/usr/bin"], keepFds: [], fds: [] });
  assert.deepEqual(processes.waitPid(start("exit 7"), true), { exited: true, status: 7 });
  const sleeper = start("exec sleep 100");
  assert.equal(processes.waitPid(sleeper, false), undefined);
  assert.equal(processes.kill(sleeper, 15), true);
  assert.deepEqual(processes.waitPid(sleeper, true), { exited: false, signal: 15 });
  close(shell);
});

test("waitPid and kill never mean more than one process", () => {
  for (const pid of [0, -1, Number.NaN]) {
    assert.throws(() => processes.waitPid(pid, false), failsWith(22));
    assert.throws(() => processes.kill(pid, 0), failsWith(22));
    assert.throws(() => processes.pidfdOpen(pid), failsWith(22));
  }
});

test("kill is false when there is no process, and throws when the signal is wrong", () => {
  assert.equal(processes.kill(process.pid, 0), true);
  assert.equal(processes.kill(4194304, 0), false);
  assert.throws(() => processes.kill(process.pid, 99), failsWith(22));
});

test("pidfdSend reaches the process until it is reaped", async () => {
  const child = spawn("sleep", ["100"]);
  assert.ok(child.pid !== undefined);
  const fd = processes.pidfdOpen(child.pid);
  assert.ok(fd !== undefined);
  assert.equal(processes.pidfdSend(fd, 9), true);
  await new Promise((resolve) => child.once("exit", resolve));
  assert.equal(processes.pidfdSend(fd, 9), false);
  assert.equal(processes.pidfdOpen(4194304), undefined);
  close(fd);
});

test("callersNofile reads what the launcher wrote, and nothing else", () => {
  assert.deepEqual(processes.callersNofile("1024:20000"), { soft: 1024, hard: 20000 });
  for (const text of [undefined, "", "1024", "1024:", "a:b", "1:2:3", "-1:5"]) {
    assert.equal(processes.callersNofile(text), undefined);
  }
});

/** Runs a module's text in another engine like this one, with the project's modules under their folder. */
function inEngine(script: string): { status: number | null; stdout: string; stderr: string } {
  const extension = import.meta.filename.endsWith(".ts") ? "ts" : "js";
  const sys = `${import.meta.dirname}/../../../src/sys`;
  const imports = `
    import { execFd, readNofile } from "${sys}/processes.${extension}";
    import { openFile } from "${sys}/files.${extension}";
    import { memfdFromText } from "${sys}/descriptors.${extension}";
  `;
  const flags = process.versions.bun === undefined ? ["--input-type=module", "-e"] : ["-e"];
  return spawnSync(process.execPath, [...flags, imports + script], { encoding: "utf8" });
}

test("execFd replaces the process under the same pid, with kept descriptors and no other", () => {
  const { stdout, status } = inEngine(`
    const kept = memfdFromText("kept", "", false), lost = memfdFromText("lost", "", false);
    const script = 'echo $$ $0 $A; for f in /proc/$$/fd/*; do case $(readlink $f) in /memfd*) echo \${f##*/};; esac; done; exit 3';
    console.log(process.pid + " zero a");
    console.log(kept);
    execFd({ fd: openFile("/bin/sh", 0), argv: ["sh", "-c", script, "zero"], env: ["A=a", "PATH=/bin:/usr/bin"], keepFds: [kept] });
  `);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(status, 3);
  assert.deepEqual(lines.slice(2), lines.slice(0, 2));
});

test("execFd gives default signals, an empty mask and the given limit of open files", () => {
  const { stdout } = inEngine(`
    const script = 'while read line; do echo "$line"; done < /proc/self/status; ulimit -Sn';
    const { hard } = readNofile();
    execFd({ fd: openFile("/bin/sh", 0), argv: ["sh", "-c", script], env: [], keepFds: [], nofile: { soft: 77, hard } });
  `);
  assert.match(stdout, /^SigBlk:\s0+$/m);
  assert.match(stdout, /^SigIgn:\s0+$/m);
  assert.match(stdout, /\n77\n$/);
});

test("execFd leaves the process as it was when the program cannot be executed", () => {
  const { stdout, stderr } = inEngine(`
    import { readFileSync } from "node:fs";
    const facts = () => readFileSync("/proc/self/status", "utf8").match(/Sig(Blk|Ign).*/g).join() + JSON.stringify(readNofile());
    const kept = memfdFromText("kept", "", false);
    const before = facts();
    try {
      execFd({ fd: openFile("/proc/self/stat", 0), argv: ["x"], env: [], keepFds: [kept], nofile: { soft: 77, hard: readNofile().hard } });
    } catch (error) {
      console.log(error.message);
    }
    console.log(before === facts(), /^flags:\\s*02/m.test(readFileSync("/proc/self/fdinfo/" + kept, "utf8")));
  `);
  assert.equal(stdout, 'Cannot execute "x": permission denied (EACCES)\ntrue true\n', stderr);
});

/** What this process has mapped of its own program, but for what can be written to. */
function programKiB(): number {
  const mappings = readText("/proc/self/smaps").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const own = mappings.filter(
    (text) => /^\S+ r-[x-]p /.test(text) && text.includes(` ${realpathSync(process.execPath)}\n`),
  );
  return own.reduce((sum, text) => sum + Number(/^Rss: +(\d+) kB/m.exec(text)?.[1]), 0);
}

test("giveBackProgram gives back what the start of the engine has read, and the engine goes on", () => {
  const before = programKiB();
  processes.giveBackProgram({ withCode: false });
  const withoutConstants = programKiB();
  assert.ok(withoutConstants < before, `${withoutConstants} of ${before} KiB`);
  processes.giveBackProgram({ withCode: true });
  const after = programKiB();
  assert.ok(after < withoutConstants / 2, `${after} of ${withoutConstants} KiB`);
  assert.equal(JSON.stringify({ numbers: [1, 2, 3].map((n) => n ** 2) }), '{"numbers":[1,4,9]}');
});

test("catchSignals tells each signal that comes, and this process lives", () => {
  const { HUP, WINCH } = { HUP: 1, WINCH: 28 };
  const fd = processes.catchSignals([HUP, WINCH]);
  processes.kill(process.pid, HUP);
  processes.kill(process.pid, WINCH);
  const taken: number[] = [];
  while (taken.length < 2) {
    // A signal that is handled ends the wait as well.
    if (poll([{ fd, events: POLL_EVENTS.readable }], -1)[0] === 0) continue;
    taken.push(...processes.takeSignals(fd));
  }
  assert.deepEqual(
    taken.sort((a, b) => a - b),
    [HUP, WINCH],
  );
  processes.catchSignals([]);
  close(fd);
});
