import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { undoContainer } from "../../src/apply/rollback.ts";
import type { TestBox } from "./test-box.ts";

/** Looking through all processes and cgroups of the host takes longer than a container's whole life. */
const HOST_CHECK_INTERVAL = 10;

/** Finds what a container that could not be made has left on the host, or taken away. */
export class Leftovers {
  readonly #box: TestBox;
  readonly #before: readonly string[];
  #checks = 0;

  constructor(box: TestBox) {
    this.#box = box;
    this.#before = filesOf(box);
  }

  /** Removes files that a container may leave, because it was created or has come to its end. */
  removeFiles(): void {
    for (const path of filesBelow(this.#box.rootfs)) {
      if (!this.#before.includes(fileItem(path))) rmSync(path, { recursive: true, force: true });
    }
    rmSync(this.#box.path("pid"), { force: true });
  }

  /** Files and state at once; mounts, cgroups and processes every tenth time, and on request. */
  check(label: string, isLast = false): readonly string[] {
    const after = filesOf(this.#box);
    const found = [
      ...after.filter((item) => !this.#before.includes(item)).map((item) => `${label} leaves ${item}`),
      ...this.#before.filter((item) => !after.includes(item)).map((item) => `${label} takes away ${item}`),
    ];
    const looksAtHost = isLast || ++this.#checks % HOST_CHECK_INTERVAL === 0;
    return looksAtHost
      ? [...found, ...onHost(this.#box).map((item) => `${label}, or one before, leaves ${item}`)]
      : found;
  }
}

/** What a failed create is followed by; gives what could not be undone. */
export function undoFailure(box: TestBox): readonly string[] {
  if (!existsSync(join(box.stateRoot, box.id))) return [];
  return undoContainer(box.stateRoot, box.id, true).map(({ message }) => message);
}

function filesOf(box: TestBox): readonly string[] {
  return [
    ...readdirSync(box.stateRoot).map((name) => `the state ${name}`),
    ...filesBelow(box.bundle).map(fileItem),
    ...(existsSync(box.path("pid")) ? ["the pid file"] : []),
  ];
}

function fileItem(path: string): string {
  return `the file ${path}`;
}

function onHost(box: TestBox): readonly string[] {
  const { mounts, cgroups, processes } = box.traces();
  return [...mounts, ...cgroups, ...processes];
}

/** Without following symbolic links, such as /dev/fd to a process's own descriptors. */
function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? [path, ...filesBelow(path)] : [path];
  });
}
