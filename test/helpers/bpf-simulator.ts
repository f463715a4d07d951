import { BPF } from "../../src/linux/seccomp.ts";

/** A system call as a filter sees it. */
export interface SimulatedCall {
  readonly nr: number;
  /** An AUDIT_ARCH_* value. */
  readonly arch: number;
  /** 64-bit arguments; missing ones are 0. */
  readonly args?: readonly bigint[];
}

/**
 * Runs classic BPF over struct seccomp_data, as the kernel does: only the instructions that seccomp allows, jumps
 * forward only, unsigned comparisons. Source: the kernel's networking/filter.rst, seccomp(2).
 */
export class BpfSimulator {
  readonly count: number;
  readonly #codes: Uint16Array;
  readonly #yes: Uint8Array;
  readonly #no: Uint8Array;
  readonly #values: Uint32Array;
  readonly #littleEndian: boolean;
  readonly #data = new DataView(new ArrayBuffer(64));

  /** The program is an array of struct sock_filter as memory of that byte order holds it. */
  constructor(program: Uint8Array, littleEndian = true) {
    const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
    this.count = program.byteLength / 8;
    this.#littleEndian = littleEndian;
    this.#codes = new Uint16Array(this.count);
    this.#yes = new Uint8Array(this.count);
    this.#no = new Uint8Array(this.count);
    this.#values = new Uint32Array(this.count);
    for (let index = 0; index < this.count; index++) {
      this.#codes[index] = view.getUint16(8 * index, littleEndian);
      this.#yes[index] = view.getUint8(8 * index + 2);
      this.#no[index] = view.getUint8(8 * index + 3);
      this.#values[index] = view.getUint32(8 * index + 4, littleEndian);
    }
  }

  /** What the filter returns for a call. Throws for what the kernel would not have loaded. */
  run(call: SimulatedCall): number {
    this.#setData(call);
    return this.#execute();
  }

  #setData({ nr, arch, args = [] }: SimulatedCall): void {
    this.#data.setUint32(0, nr, this.#littleEndian);
    this.#data.setUint32(4, arch, this.#littleEndian);
    for (let index = 0; index < 6; index++) {
      this.#data.setBigUint64(16 + 8 * index, args[index] ?? 0n, this.#littleEndian);
    }
  }

  #execute(): number {
    let accumulator = 0;
    for (let pc = 0; pc < this.count; pc++) {
      const value = this.#values[pc] ?? 0;
      switch (this.#codes[pc]) {
        case BPF.LOAD:
          accumulator = this.#data.getUint32(value, this.#littleEndian);
          break;
        case BPF.AND:
          accumulator = (accumulator & value) >>> 0;
          break;
        case BPF.JUMP:
          pc += value;
          break;
        case BPF.RETURN:
          return value;
        default:
          pc += (this.#jumps(pc, accumulator, value) ? this.#yes[pc] : this.#no[pc]) ?? 0;
      }
    }
    throw new Error("the program ends without a return");
  }

  #jumps(pc: number, accumulator: number, value: number): boolean {
    switch (this.#codes[pc]) {
      case BPF.JEQ:
        return accumulator === value;
      case BPF.JGT:
        return accumulator > value;
      case BPF.JGE:
        return accumulator >= value;
      case BPF.JSET:
        return (accumulator & value) !== 0;
      default:
        throw new Error(`instruction ${pc} has an unexpected code 0x${this.#codes[pc]?.toString(16)}`);
    }
  }
}
