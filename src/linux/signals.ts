/**
 * The standard signals of Linux, without "SIG". The numbers are those of x86, arm and riscv.
 * Source: signal(7), include/uapi/asm-generic/signal.h of Linux 6.18.
 */
export const SIGNALS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
};

/** Other names of the same signals. Source: signal(7). */
const SIGNAL_SYNONYMS: Readonly<Record<string, number>> = { IOT: 6, CLD: 17, POLL: 29, UNUSED: 31 };

/** What programs mean by RTMIN: the C libraries keep the kernel's first two (32 and 33) for themselves. */
const RTMIN = 34;
const RTMAX = 64;

/**
 * The number of a signal given as people write it: "TERM", "SIGTERM", "sigterm", "15", "RTMIN+3", "RTMAX-1".
 * Undefined where Linux has no such signal; 0 is no signal. Source: signal(7), kill(1).
 */
export function parseSignal(text: string): number | undefined {
  if (/^[0-9]{1,3}$/.test(text)) return inRange(Number(text));
  const name = text.toUpperCase().replace(/^SIG/, "");
  if (Object.hasOwn(SIGNALS, name)) return SIGNALS[name];
  if (Object.hasOwn(SIGNAL_SYNONYMS, name)) return SIGNAL_SYNONYMS[name];
  return parseRealtime(name);
}

function parseRealtime(name: string): number | undefined {
  const match = /^RTM(IN|AX)(?:([+-])([0-9]{1,2}))?$/.exec(name);
  if (match === null) return undefined;
  const [, base, sign, digits] = match;
  const offset = Number(digits ?? 0) * (sign === "-" ? -1 : 1);
  const number = (base === "IN" ? RTMIN : RTMAX) + offset;
  return number >= RTMIN ? inRange(number) : undefined;
}

function inRange(number: number): number | undefined {
  return number >= 1 && number <= RTMAX ? number : undefined;
}
