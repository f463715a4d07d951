import { encodePlan } from "../plan/encode.ts";
import { SLOT_LOCK } from "../plan/slots.ts";
import type { Plan } from "../plan/step.ts";
import { memfdFromFile, memfdFromText } from "../sys/descriptors.ts";
import { installedFile } from "../sys/installed-file.ts";
import { callersNofile, type Program } from "../sys/processes.ts";

export interface CarryOutOptions {
  /** The container's lock, which is held until the verb has ended; absent for a verb that changes no container. */
  readonly lockFd?: number;
  /** How many descriptors, from 3 on, the container inherits. */
  readonly preserveFds: number;
  /** Where each step is told of as it is carried out. */
  readonly traceFd?: number;
}

/** A slot of the plan, and the descriptor that is in it from the start. */
export type Slot = readonly [slot: number, fd: number];

/** The name of the static program that carries plans out: of its file, and of its process. */
export const PROGRAM = "mydocker-init";

/** The encoded plan in a sealed file of memory. Throws SystemError. */
export function planImage(plan: Plan, reportArgv: readonly string[]): number {
  return memfdFromText("plan", encodePlan(plan, reportArgv), true);
}

/** The static program, from a sealed copy of itself, with a plan's image. Throws SystemError. */
export function staticProgram(
  image: number,
  { lockFd, preserveFds, traceFd }: CarryOutOptions,
  more: readonly Slot[],
): Program {
  const slots: readonly Slot[] = lockFd === undefined ? more : [[SLOT_LOCK, lockFd], ...more];
  const argv = [PROGRAM, String(image)];
  const keepFds = [image];
  for (const [slot, fd] of slots) {
    argv.push(`${slot}=${fd}`);
    keepFds.push(fd);
  }
  if (traceFd !== undefined) {
    argv.push(`trace=${traceFd}`);
    keepFds.push(traceFd);
  }
  for (let fd = FIRST_PRESERVED; fd < FIRST_PRESERVED + preserveFds; fd++) keepFds.push(fd);
  const nofile = callersNofile(process.env.MYDOCKER_NOFILE);
  return { fd: memfdFromFile(PROGRAM, installedFile(PROGRAM)), argv, keepFds, nofile };
}

/** Behind the standard streams. */
const FIRST_PRESERVED = 3;
