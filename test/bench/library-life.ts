/**
 * `library-life.ts LIVES BUNDLE STATE-ROOT [PROGRAM…]`: whole lives of a container that runs `true`, one after the other, in
 * this long-lived process: through the library, or by spawning the given program. Prints the milliseconds of each.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createContainer, deleteContainer, startContainer } from "../../src/runtime/index.ts";
import { close, POLL_EVENTS, poll } from "../../src/sys/descriptors.ts";
import { pidfdOpen } from "../../src/sys/processes.ts";

const [lives = "1", bundle = "", root = "", ...program] = process.argv.slice(2);

const context = { root, warn: console.warn };

const times: number[] = [];
for (let life = 0; life < Number(lives); life++) {
  const start = performance.now();
  await (program.length === 0 ? liveInside(`library-${process.pid}`) : liveSpawned(`library-${process.pid}`));
  times.push(performance.now() - start);
}
console.log(JSON.stringify(times));

async function liveInside(id: string): Promise<void> {
  const pidFile = `${root}.pid`;
  await createContainer(context, { id, bundle, pidFile });
  await startContainer(context, { id });
  awaitEnd(pidFile);
  await deleteContainer(context, { id });
}

function liveSpawned(id: string): void {
  const pidFile = `${root}.pid`;
  spawn("create", "--bundle", bundle, "--pid-file", pidFile, id);
  spawn("start", id);
  awaitEnd(pidFile);
  spawn("delete", id);
}

function spawn(...args: readonly string[]): void {
  const [file = "", ...rest] = program;
  const { status } = spawnSync(file, [...rest, "--root", root, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`${args[0]} failed`);
}

/** Waits the same way for everybody's process, and takes nothing from it meanwhile. */
function awaitEnd(pidFile: string): void {
  const fd = pidfdOpen(Number(readFileSync(pidFile, "utf8")));
  if (fd === undefined) return;
  poll([{ fd, events: POLL_EVENTS.readable }], -1);
  close(fd);
}
