import { BARRIERS } from "../handshake.ts";
import type { Op } from "../op-table.ts";
import type { Stage, Step } from "../step.ts";
import { planFault } from "./plan-fault.ts";

/** Which step has surely been carried out before another one, in whichever process the two are. */
export interface Timeline {
  readonly isBefore: (earlier: number, later: number) => boolean;
}

/** The last step of each process that is known to have been carried out; -1 for none. */
type Known = Readonly<Record<Stage, number>>;

interface Message {
  readonly text: string;
  readonly step: number;
  readonly known: Known;
}

interface Process {
  readonly stage: Stage;
  /** The numbers of its steps. */
  readonly steps: readonly number[];
  at: number;
  known: Known;
  isMade: boolean;
}

/**
 * Carries out the plan with messages instead of system calls. Throws RuntimeError ERR_INTERNAL where a process would
 * wait for ever, get another message than it waits for, or is not there.
 */
export function timelineOf(steps: readonly Step[]): Timeline {
  const known = new Simulation(steps).run();
  return {
    isBefore: (earlier, later) => {
      const stage = steps[earlier]?.at ?? "parent";
      return stage === steps[later]?.at ? earlier < later : earlier <= (known[later]?.[stage] ?? -1);
    },
  };
}

const NOTHING: Known = { parent: -1, intermediate: -1, init: -1 };

class Simulation {
  readonly #steps: readonly Step[];
  readonly #processes: readonly Process[];
  /** What each step's process knows of the others when it is carried out. */
  readonly #known: Known[] = [];
  readonly #toParent: Message[] = [];
  readonly #toChild: Message[] = [];
  /** The init talks to `start`, and no longer to the parent. */
  #isHandedOver = false;

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    const byStage: Record<Stage, number[]> = { parent: [], intermediate: [], init: [] };
    steps.forEach(({ at }, step) => {
      byStage[at].push(step);
    });
    this.#processes = (["parent", "intermediate", "init"] as const).map((stage) => {
      return { stage, steps: byStage[stage], at: 0, known: NOTHING, isMade: stage === "parent" };
    });
  }

  run(): readonly Known[] {
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (const process of this.#processes) isMoving = this.#advance(process) || isMoving;
    }
    const [stuck] = this.#processes.filter(isStuck).sort((a, b) => nextStep(a) - nextStep(b));
    if (stuck !== undefined) {
      throw this.#fault(nextStep(stuck), stuck.isMade ? "waits for what never comes" : "has no process");
    }
    const [unread] = [...this.#toParent, ...this.#toChild];
    if (unread !== undefined) throw this.#fault(unread.step, "announces what nobody waits for");
    return this.#known;
  }

  /** Lets a process go on until it has to wait; whether it did anything. */
  #advance(process: Process): boolean {
    const start = process.at;
    for (let step = process.steps[process.at]; process.isMade && step !== undefined; step = process.steps[process.at]) {
      if (!this.#carryOut(process, step)) break;
      process.at++;
    }
    return process.at > start;
  }

  #carryOut(process: Process, step: number): boolean {
    const op = this.#steps[step]?.op;
    if (op === undefined) return true;
    const expected = received(op);
    if (expected !== undefined && !this.#receive(process, step, expected)) return false;
    this.#known[step] = process.known;
    if (op.op === "sync.post" && !isAnnouncer(process.stage, op.barrier)) {
      throw this.#fault(step, "is no announcement of this side's (see handshake.ts)");
    }
    const message = sent(op);
    if (message !== undefined) this.#send(process, step, message);
    if (op.op === "child.clone") this.#make(process, step, op.stage === "init" ? "init" : "intermediate");
    if (op.op === "init.clone") this.#make(process, step, "init");
    if (op.op === "start.wait") this.#isHandedOver = true;
    return true;
  }

  /** The new process goes on behind the step that made it: what the list holds for it before is lost. */
  #make(maker: Process, step: number, stage: Stage): void {
    const made = this.#processes.find((process) => process.stage === stage);
    if (made === undefined) return;
    if (made.isMade) throw this.#fault(step, "makes a process that is there already");
    const lost = made.steps[0];
    if (lost !== undefined && lost < step) throw this.#fault(lost, "comes before its process is made");
    made.isMade = true;
    made.known = { ...maker.known, [maker.stage]: step };
    const last = maker.steps.at(-1) ?? step;
    if (maker.stage === "intermediate" && last > step) throw this.#fault(last, "comes after the end of its process");
  }

  #send(process: Process, step: number, text: string): void {
    const isParent = process.stage === "parent";
    // After start.wait, what the init says goes to `start`, which waits for the outcome of exec only.
    if (this.#isHandedOver && !isParent) {
      if (text === "E") return;
      throw this.#fault(step, "talks to a parent that has ended");
    }
    (isParent ? this.#toChild : this.#toParent).push({ text, step, known: process.known });
  }

  #receive(process: Process, step: number, expected: string): boolean {
    const inbox = process.stage === "parent" ? this.#toParent : this.#toChild;
    const message = inbox.shift();
    if (message === undefined) return false;
    if (message.text !== expected) {
      throw this.#fault(step, `gets "${message.text}" of step ${message.step + 1} and waits for "${expected}"`);
    }
    process.known = latest(process.known, message.known);
    const sender = this.#steps[message.step]?.at ?? "parent";
    process.known = { ...process.known, [sender]: Math.max(process.known[sender], message.step) };
    return true;
  }

  #fault(step: number, what: string): Error {
    return planFault(this.#steps, step, what);
  }
}

function nextStep({ steps, at }: Process): number {
  return steps[at] ?? Number.POSITIVE_INFINITY;
}

function isStuck(process: Process): boolean {
  return process.at < process.steps.length;
}

function latest(a: Known, b: Known): Known {
  return {
    parent: Math.max(a.parent, b.parent),
    intermediate: Math.max(a.intermediate, b.intermediate),
    init: Math.max(a.init, b.init),
  };
}

function isAnnouncer(stage: Stage, barrier: string): boolean {
  const sides: Readonly<Record<string, string>> = BARRIERS;
  return sides[barrier] === (stage === "parent" ? "parent" : "child");
}

/** The message of native/ops_sync.c that a step sends. */
function sent(op: Op): string | undefined {
  switch (op.op) {
    case "sync.post":
      return `B${op.barrier}`;
    case "init.clone":
      return "P";
    case "console.open":
      return Number(op.slot) === 0 ? "T" : undefined;
    case "seccomp.load":
      return Number(op.listener) === 0 ? undefined : "N";
    case "tree.send":
      return "M";
    case "exec":
      return "E";
    default:
      return undefined;
  }
}

function received(op: Op): string | undefined {
  switch (op.op) {
    case "sync.wait":
      return `B${op.barrier}`;
    case "child.adopt":
      return "P";
    case "console.receive":
      return "T";
    case "tree.receive":
      return "M";
    case "seccomp.send":
      return "N";
    case "child.wait_exec":
      return "E";
    default:
      return undefined;
  }
}
