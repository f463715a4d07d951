/** The members of /proc/PID/status: "CapEff" → "0000000000000000". Source: proc_pid_status(5). */
export function parseProcStatus(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line.includes(":"))
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
}

/** The numbers of the bits that are set in a mask of hexadecimal digits, such as "CapEff" or "SigBlk". */
export function bitsOf(mask: string): readonly number[] {
  const bits: number[] = [];
  for (let rest = BigInt(`0x${mask}`), bit = 0; rest > 0n; rest >>= 1n, bit++) if ((rest & 1n) === 1n) bits.push(bit);
  return bits;
}
