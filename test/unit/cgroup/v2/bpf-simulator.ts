import assert from "node:assert/strict";
import type { DeviceRequest } from "../device-model.ts";

interface Instruction {
  readonly code: number;
  readonly to: number;
  readonly from: number;
  readonly offset: number;
  readonly value: number;
}

/** Runs a device program, from its hexadecimal form, on a request. Throws on an operation that it does not know. */
export function runDeviceProgram(program: string, request: DeviceRequest): boolean {
  const instructions = decode(program);
  const context = [((request.access << 16) | (request.type === "b" ? 1 : 2)) >>> 0, request.major, request.minor];
  const registers: bigint[] = Array.from({ length: 11 }, () => 0n);
  for (let at = 0; ; at++) {
    const instruction = instructions[at];
    assert.ok(instruction, `instruction ${at} is within the program`);
    if (instruction.code === 0x95) return registers[0] === 1n;
    at += step(instruction, registers, context);
  }
}

/** Fails if the kernel's verifier would, because of code that no path leads to or a jump out of the program. */
export function checkReachable(program: string): void {
  const instructions = decode(program);
  const reached = new Set<number>();
  const queue = [0];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const instruction = instructions[at];
    assert.ok(instruction, `instruction ${at} is within the program`);
    if (reached.has(at)) continue;
    reached.add(at);
    if (instruction.code === 0x95) continue;
    queue.push(at + 1);
    if ((instruction.code & 7) === 5) queue.push(at + 1 + instruction.offset);
  }
  assert.equal(reached.size, instructions.length, "every instruction is reachable");
}

/** Carries out one instruction; returns how many of the following ones are jumped over. */
function step(instruction: Instruction, registers: bigint[], context: readonly number[]): number {
  const { code, to, from, offset, value } = instruction;
  const target = registers[to] ?? 0n;
  const immediate = BigInt.asUintN(64, BigInt(value));
  const set = (result: bigint) => {
    registers[to] = BigInt.asUintN(64, result);
    return 0;
  };
  switch (code) {
    case 0x61:
      assert.equal(from, 1, "loads are from the context");
      return set(BigInt(context[offset / 4] ?? Number.NaN));
    case 0xbf:
      return set(registers[from] ?? 0n);
    case 0xb7:
      return set(immediate);
    case 0x57:
      return set(target & immediate);
    case 0x77:
      return set(target >> immediate);
    case 0x15:
      return target === immediate ? offset : 0;
    case 0x55:
      return target === immediate ? 0 : offset;
    case 0x45:
      return (target & immediate) === 0n ? 0 : offset;
    default:
      throw new TypeError(`unknown operation 0x${code.toString(16)}`);
  }
}

function decode(program: string): readonly Instruction[] {
  assert.match(program, /^([0-9a-f]{16})+$/);
  const bytes = Buffer.from(program, "hex");
  return Array.from({ length: bytes.length / 8 }, (_, index) => {
    const at = index * 8;
    const registers = bytes.readUInt8(at + 1);
    return {
      code: bytes.readUInt8(at),
      to: registers & 15,
      from: registers >> 4,
      offset: bytes.readInt16LE(at + 2),
      value: bytes.readInt32LE(at + 4),
    };
  });
}
