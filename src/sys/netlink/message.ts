/**
 * Messages of netlink: a header of 16 bytes, a fixed part that depends on the type, and attributes, each padded to 4
 * bytes. Integers are the host's, which is little-endian on every architecture that this program runs on.
 * Source: netlink(7), rtnetlink(7).
 */

/** An attribute: what it holds is bytes, a number of 32 bits, a text with a NUL behind it, or attributes. */
export type Attribute = readonly [type: number, value: Uint8Array | number | string | readonly Attribute[]];

const HEADER_SIZE = 16;
const ATTRIBUTE_HEADER_SIZE = 4;

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

/** A whole message. `fixed` is the struct of its type, such as ifinfomsg. */
export function encodeMessage(
  type: number,
  flags: number,
  fixed: Uint8Array,
  attributes: readonly Attribute[],
): Uint8Array {
  const header = new Uint8Array(HEADER_SIZE);
  const parts = [header, fixed, ...attributes.map(encodeAttribute)];
  const message = concatenate(parts);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  return message;
}

function encodeAttribute([type, value]: Attribute): Uint8Array {
  const payload = encodeValue(value);
  const padded = new Uint8Array(ATTRIBUTE_HEADER_SIZE + align(payload.length));
  const view = new DataView(padded.buffer);
  view.setUint16(0, ATTRIBUTE_HEADER_SIZE + payload.length, true);
  view.setUint16(2, type, true);
  padded.set(payload, ATTRIBUTE_HEADER_SIZE);
  return padded;
}

function encodeValue(value: Attribute[1]): Uint8Array {
  if (typeof value === "number") return uint32(value);
  if (typeof value === "string") return textEncoder.encode(`${value}\0`);
  return value instanceof Uint8Array ? value : concatenate(value.map(encodeAttribute));
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** Fixed part and attributes in a row, for an attribute that holds both, such as VETH_INFO_PEER. */
export function encodeNested(fixed: Uint8Array, attributes: readonly Attribute[]): Uint8Array {
  return concatenate([fixed, ...attributes.map(encodeAttribute)]);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function align(size: number): number {
  return (size + 3) & ~3;
}

/** One message of a reply; `payload` is what follows the header. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** The messages in what the kernel answered. */
export function* decodeMessages(reply: ArrayBuffer): Generator<NetlinkMessage> {
  const view = new DataView(reply);
  for (let at = 0; at + HEADER_SIZE <= reply.byteLength; ) {
    const length = view.getUint32(at, true);
    if (length < HEADER_SIZE || at + length > reply.byteLength) return;
    const payload = new Uint8Array(reply, at + HEADER_SIZE, length - HEADER_SIZE);
    yield { type: view.getUint16(at + 4, true), flags: view.getUint16(at + 6, true), payload };
    at += align(length);
  }
}

/** The attributes behind a fixed part, by type. */
export function decodeAttributes(payload: Uint8Array, fixedSize: number): ReadonlyMap<number, Uint8Array> {
  const attributes = new Map<number, Uint8Array>();
  const view = dataView(payload);
  for (let at = align(fixedSize); at + ATTRIBUTE_HEADER_SIZE <= payload.length; ) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_SIZE || at + length > payload.length) break;
    const type = view.getUint16(at + 2, true) & TYPE_MASK;
    attributes.set(type, payload.subarray(at + ATTRIBUTE_HEADER_SIZE, at + length));
    at += align(length);
  }
  return attributes;
}

/** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const TYPE_MASK = 0x3fff;

export function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The text of an attribute, without the NUL at its end. */
export function attributeText(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : textDecoder.decode(bytes).replace(/\0.*$/s, "");
}

/** The number of an attribute of 32 bits. */
export function attributeNumber(bytes: Uint8Array | undefined): number | undefined {
  return bytes === undefined || bytes.length < 4 ? undefined : dataView(bytes).getUint32(0, true);
}
