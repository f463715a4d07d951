/** The first and the last of a range of CPUs or memory nodes. */
export type IdRange = readonly [first: number, last: number];

/** No kernel is built for more CPUs (CONFIG_NR_CPUS) or memory nodes. Source: arch Kconfig files of Linux 6.18. */
const MAX_ID = 8191;

/**
 * Reads a list of CPUs or memory nodes such as "0-3,7"; blanks and empty entries are skipped. Undefined where it is no
 * such list, or a range runs backwards. Source: cpuset(7) "list format", config-linux.md#cpu.
 */
export function parseIdList(text: string): readonly IdRange[] | undefined {
  const ranges: IdRange[] = [];
  for (const entry of text.split(",")) {
    if (entry.trim() === "") continue;
    const match = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(entry);
    if (match === null) return undefined;
    const [, first, last = first] = match;
    const range: IdRange = [Number(first), Number(last)];
    if (range[0] > range[1] || range[1] > MAX_ID) return undefined;
    ranges.push(range);
  }
  return ranges;
}
