import { once } from "node:events";
import { type ClientHttp2Session, connect, constants } from "node:http2";
import { connect as connectSocket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A protobuf message: its fields by number. Repeated fields are lists of values, and what is absent is the default. */
export type Message = { readonly [field: number]: Value | readonly Value[] | undefined };
type Value = string | number | Message;

/** What came: varints as numbers, all else as bytes. */
export type Fields = ReadonlyMap<number, readonly (number | Buffer)[]>;

const CALL_TIMEOUT_MS = 60_000;
const FRAME_HEADER_BYTES = 5;
/** How a field is written; the fourth kind that occurs has four bytes. */
const [VARINT, FIXED64, BYTES] = [0, 1, 2];

/** Calls a gRPC method over a unix socket, once. Rejects with the server's message. Source: the gRPC protocol over HTTP2. */
export async function callGrpc(socket: string, path: string, request: Message): Promise<Fields> {
  const session = connect("http://localhost", { createConnection: () => connectSocket(socket) });
  const failed = once(session, "error").then(([error]) => Promise.reject(error));
  const late = delay(CALL_TIMEOUT_MS, undefined, { ref: false }).then(() =>
    Promise.reject(new Error(`${path}: no answer`)),
  );
  try {
    return await Promise.race([exchange(session, path, request), failed, late]);
  } finally {
    session.close();
  }
}

async function exchange(session: ClientHttp2Session, path: string, request: Message): Promise<Fields> {
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  let trailers: Readonly<Record<string, unknown>> = {};
  for (const event of ["response", "trailers"]) {
    stream.on(event, (headers: Readonly<Record<string, unknown>>) => {
      trailers = { ...trailers, ...headers };
    });
  }
  const body = encode(request);
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32BE(body.length, 1);
  stream.end(Buffer.concat([header, body]));
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  if (trailers["grpc-status"] !== "0") throw new Error(decodeURIComponent(String(trailers["grpc-message"])));
  return decode(Buffer.concat(chunks).subarray(FRAME_HEADER_BYTES));
}

function encode(message: Message): Buffer {
  const fields = Object.entries(message).flatMap(([field, value]) => {
    const values: readonly (Value | undefined)[] = Array.isArray(value) ? value : [value];
    return values.flatMap((item) => (item === undefined ? [] : encodeField(Number(field), item)));
  });
  return Buffer.concat(fields);
}

function encodeField(field: number, value: Value): readonly Buffer[] {
  if (typeof value === "number") return [varint(field * 8 + VARINT), varint(value)];
  const bytes = typeof value === "string" ? Buffer.from(value) : encode(value);
  return [varint(field * 8 + BYTES), varint(bytes.length), bytes];
}

/** The low seven bits first. */
function varint(value: number): Buffer {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

/** The fields of a message; those of messages in it are decoded by calling this again. */
export function decode(bytes: Buffer): Fields {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = readVarint();
    const type = key % 8;
    const value = type === VARINT ? readVarint() : take(type === BYTES ? readVarint() : type === FIXED64 ? 8 : 4);
    const field = Math.floor(key / 8);
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}
