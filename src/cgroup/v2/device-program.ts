import type { DeviceRule, DeviceRules } from "../device-rules.ts";
import { ANY } from "../device-rules.ts";

/**
 * Compiles device rules to a program of type BPF_PROG_TYPE_CGROUP_DEVICE, as hexadecimal of struct bpf_insn after
 * struct bpf_insn in little-endian order. It returns 1 if every requested access is allowed by the last rule that
 * matches it. Source: linux/bpf.h (struct bpf_cgroup_dev_ctx), the kernel's Documentation/bpf/standardization.
 */
export function compileDeviceProgram({ allowByDefault, rules }: DeviceRules): string {
  const body = [...rules].reverse().flatMap(ruleInstructions);
  const references = new Set(body.map(({ jump }) => jump));
  const first: Verdict = allowByDefault ? "allow" : "deny";
  const second: Verdict = allowByDefault ? "deny" : "allow";
  // The kernel refuses code that nothing reaches.
  const blocks = references.has(second) ? [first, second] : [first];
  const start = PROLOGUE.length + body.length;
  const offsets = { [first]: start, [second]: start + 2 };
  const program = [...PROLOGUE, ...body, ...blocks.flatMap((verdict) => VERDICT_BLOCKS[verdict])];
  return program.map((instruction, index) => encode(instruction, jumpOffset(instruction, index, offsets))).join("");
}

type Verdict = "allow" | "deny";

/** One instruction; `jump` is a verdict's block or the number of instructions to go over. */
interface Instruction {
  readonly code: number;
  readonly to: number;
  readonly from?: number;
  readonly memory?: number;
  readonly value?: number;
  readonly jump?: Verdict | number;
}

/** Operation codes: class, operation and operand together. Source: linux/bpf.h, linux/bpf_common.h. */
const LOAD_32 = 0x61; // BPF_LDX | BPF_MEM | BPF_W
const MOVE = 0xbf; // BPF_ALU64 | BPF_MOV | BPF_X
const MOVE_VALUE = 0xb7; // BPF_ALU64 | BPF_MOV | BPF_K
const AND_VALUE = 0x57; // BPF_ALU64 | BPF_AND | BPF_K
const SHIFT_RIGHT_VALUE = 0x77; // BPF_ALU64 | BPF_RSH | BPF_K
const JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_NOT_EQUAL = 0x55; // BPF_JMP | BPF_JNE | BPF_K
const JUMP_ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const EXIT = 0x95; // BPF_JMP | BPF_EXIT

const RESULT = 0;
const CONTEXT = 1;
const TYPE = 2;
/** The requested access that no rule has decided on yet. */
const ACCESS = 3;
const MAJOR = 4;
const MINOR = 5;

/** struct bpf_cgroup_dev_ctx: access (high half) and type (low half), major, minor; 32 bits each. */
const PROLOGUE: readonly Instruction[] = [
  { code: LOAD_32, to: TYPE, from: CONTEXT, memory: 0 },
  { code: MOVE, to: ACCESS, from: TYPE },
  { code: SHIFT_RIGHT_VALUE, to: ACCESS, value: 16 },
  { code: AND_VALUE, to: TYPE, value: 0xffff },
  { code: LOAD_32, to: MAJOR, from: CONTEXT, memory: 4 },
  { code: LOAD_32, to: MINOR, from: CONTEXT, memory: 8 },
];

/** BPF_DEVCG_DEV_BLOCK and BPF_DEVCG_DEV_CHAR. */
const DEVICE_TYPES = { b: 1, c: 2 } as const;

const VERDICT_BLOCKS: Readonly<Record<Verdict, readonly Instruction[]>> = {
  allow: [
    { code: MOVE_VALUE, to: RESULT, value: 1 },
    { code: EXIT, to: RESULT },
  ],
  deny: [
    { code: MOVE_VALUE, to: RESULT, value: 0 },
    { code: EXIT, to: RESULT },
  ],
};

/** Rules run from the last to the first: a denial ends it, an allowance takes its part from what is still asked for. */
function ruleInstructions({ allow, type, major, minor, access }: DeviceRule): readonly Instruction[] {
  const decide: readonly Instruction[] = allow
    ? [
        { code: AND_VALUE, to: ACCESS, value: ~access },
        { code: JUMP_EQUAL, to: ACCESS, value: 0, jump: "allow" },
      ]
    : [{ code: JUMP_ANY_BIT, to: ACCESS, value: access, jump: "deny" }];
  const conditions = [
    { to: TYPE, value: DEVICE_TYPES[type] },
    ...(major === ANY ? [] : [{ to: MAJOR, value: major }]),
    ...(minor === ANY ? [] : [{ to: MINOR, value: minor }]),
  ];
  const checks = conditions.map(({ to, value }, index) => {
    const jump = conditions.length - index - 1 + decide.length;
    return { code: JUMP_NOT_EQUAL, to, value, jump };
  });
  return [...checks, ...decide];
}

function jumpOffset({ jump }: Instruction, index: number, offsets: { readonly [V in Verdict]?: number }): number {
  if (jump === undefined || typeof jump === "number") return jump ?? 0;
  return (offsets[jump] ?? 0) - index - 1;
}

/** struct bpf_insn: code, registers (destination in the low half), 16-bit offset, 32-bit immediate. */
function encode({ code, to, from = 0, memory = 0, value = 0 }: Instruction, jump: number): string {
  return hex(code, 1) + hex(to | (from << 4), 1) + hex(memory + jump, 2) + hex(value, 4);
}

/** The lowest bytes of a two's complement number, least significant first. */
function hex(value: number, bytes: number): string {
  let text = "";
  for (let shift = 0; shift < bytes * 8; shift += 8) text += ((value >> shift) & 0xff).toString(16).padStart(2, "0");
  return text;
}
