/** An IPv4 or IPv6 address as a number, so that ranges are arithmetic. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A range of addresses that begins at a multiple of its size. */
export interface IpPrefix {
  readonly family: 4 | 6;
  /** The first address. */
  readonly value: bigint;
  readonly length: number;
}

/** How many bits an address has. */
export function addressBits(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** Reads an address in its usual notation, IPv6 without a zone; undefined for anything else. Source: RFC 4291, 2.2. */
export function parseAddress(text: string): IpAddress | undefined {
  if (text.includes(":")) return parseV6(text);
  const value = parseV4(text);
  return value === undefined ? undefined : { family: 4, value };
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): IpAddress | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<bigint>(missing).fill(0n), ...(tail ?? [])];
  return { family: 6, value: groups.reduce((value, group) => (value << 16n) | group, 0n) };
}

/** The groups on one side of "::"; the last 32 bits may be written as IPv4. */
function parseGroups(text: string): readonly bigint[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    const v4 = index === parts.length - 1 && part.includes(".") ? parseV4(part) : undefined;
    if (v4 !== undefined) groups.push(v4 >> 16n, v4 & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

/** Reads "address/length"; undefined where bits behind the length are set, or for anything else. */
export function parsePrefix(text: string): IpPrefix | undefined {
  const interfaceAddress = parseInterfaceAddress(text);
  if (interfaceAddress === undefined) return undefined;
  const { address, length } = interfaceAddress;
  const prefix = prefixOf(address, length);
  return prefix.value === address.value ? prefix : undefined;
}

/** Reads "address/length", where the address is one within the prefix, such as "10.0.0.2/8". */
export function parseInterfaceAddress(
  text: string,
): { readonly address: IpAddress; readonly length: number } | undefined {
  const [addressText = "", lengthText = "", ...more] = text.split("/");
  const address = parseAddress(addressText);
  if (address === undefined || more.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  return length > addressBits(address.family) ? undefined : { address, length };
}

/** The prefix of this length that an address lies in. */
export function prefixOf({ family, value }: IpAddress, length: number): IpPrefix {
  const shift = BigInt(addressBits(family) - length);
  return { family, value: (value >> shift) << shift, length };
}

/** The last address of a prefix. */
export function lastAddress({ family, value, length }: IpPrefix): IpAddress {
  return { family, value: value + (1n << BigInt(addressBits(family) - length)) - 1n };
}

/** Whether an address lies in a prefix. */
export function prefixContains(prefix: IpPrefix, address: IpAddress): boolean {
  return prefix.family === address.family && prefixOf(address, prefix.length).value === prefix.value;
}

/** Whether two prefixes have an address in common. */
export function prefixesOverlap(a: IpPrefix, b: IpPrefix): boolean {
  return a.family === b.family && (prefixContains(a, b) || prefixContains(b, a));
}

/** Network byte order: 4 or 16 bytes. */
export function addressBytes({ family, value }: IpAddress): Uint8Array {
  const count = addressBits(family) / 8;
  return Uint8Array.from({ length: count }, (_, index) => Number((value >> BigInt(8 * (count - 1 - index))) & 0xffn));
}

/** The address of 4 or 16 bytes in network byte order. */
export function addressFromBytes(bytes: Uint8Array): IpAddress {
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { family: bytes.length === 4 ? 4 : 6, value };
}

/** The usual notation. Source: RFC 5952, 4: lower case, the longest run of two or more zero groups as "::". */
export function formatAddress(address: IpAddress): string {
  const bytes = addressBytes(address);
  if (address.family === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

function longestZeroRun(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === "0") length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

export function formatPrefix(prefix: IpPrefix): string {
  return `${formatAddress(prefix)}/${prefix.length}`;
}
