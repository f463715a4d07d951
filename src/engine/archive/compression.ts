import { spawn } from "node:child_process";
import type { Readable, Transform, Writable } from "node:stream";
import * as zlib from "node:zlib";
import { archiveError } from "./archive-error.ts";

/** How an archive is compressed; "none" is plain tar. */
export type Compression = "bzip2" | "gzip" | "none" | "xz" | "zstd";

/** What begins an archive that is compressed so. Sources: RFC 1952, RFC 8878, xz's file format, bzip2's. */
const MAGIC: Readonly<Record<Exclude<Compression, "none">, readonly number[]>> = {
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  bzip2: [0x42, 0x5a, 0x68],
};

/** How many bytes `detectCompression` needs. */
export const MAGIC_BYTES = 6;

export function detectCompression(start: Uint8Array): Compression {
  for (const name of ["gzip", "zstd", "xz", "bzip2"] as const) {
    if (MAGIC[name].every((byte, index) => start[index] === byte)) return name;
  }
  return "none";
}

/** Takes bytes in parts, which a decompressor may keep and a compressor does not. Both methods throw what the sink throws. */
export interface BytePump {
  readonly write: (chunk: Uint8Array) => Promise<void>;
  readonly end: () => Promise<void>;
}

export type ByteSink = (chunk: Uint8Array) => void;

/**
 * Decompresses into a sink: gzip and zstd by the engine, xz and bzip2 (and zstd where the engine has none) by the programs
 * of these names.
 */
export function decompressor(compression: Compression, sink: ByteSink): BytePump {
  switch (compression) {
    case "none":
      return { write: async (chunk) => sink(chunk), end: async () => {} };
    case "gzip":
      return throughTransform(zlib.createGunzip({ chunkSize: DECOMPRESSED_BYTES }), sink);
    case "zstd":
      return zstd.createZstdDecompress === undefined
        ? throughProgram("zstd", ["-dc"], sink)
        : throughTransform(zstd.createZstdDecompress({ chunkSize: DECOMPRESSED_BYTES }), sink);
    case "xz":
    case "bzip2":
      return throughProgram(compression, ["-dc"], sink);
  }
}

/** What this engine compresses with. */
export type WrittenCompression = "gzip" | "none" | "zstd";

/** Compresses into a sink: gzip at its usual level 6, zstd at 3. */
export function compressor(compression: WrittenCompression, sink: ByteSink): BytePump {
  switch (compression) {
    case "none":
      return { write: async (chunk) => sink(chunk), end: async () => {} };
    case "gzip":
      return takingWhole(zlib.createGzip({ chunkSize: CHUNK_BYTES, level: 6 }), sink);
    case "zstd":
      return zstd.createZstdCompress === undefined
        ? copying(throughProgram("zstd", ["-c", "-q", "-3"], sink))
        : takingWhole(zstd.createZstdCompress({ chunkSize: CHUNK_BYTES }), sink);
  }
}

const CHUNK_BYTES = 1 << 16;
/** The next part is made while the last one is taken: large enough for both to work at once, and for memory to be used again. */
const DECOMPRESSED_BYTES = 1 << 18;

interface ZstdStreams {
  readonly createZstdCompress?: (options: zlib.ZlibOptions) => Transform;
  readonly createZstdDecompress?: (options: zlib.ZlibOptions) => Transform;
}

/** Bun has zstd, and Node from 22.15 on, later than the types: whether it is there is checked at each use. */
const zstd = zlib as unknown as ZstdStreams;

function throughTransform(stream: Readable & Writable, sink: ByteSink): BytePump {
  return throughStreams(stream, stream, sink, Promise.resolve());
}

/** A pump whose write ends when the stream is done with the part, so that its buffer can be used again. */
function takingWhole(stream: Readable & Writable, sink: ByteSink): BytePump {
  const { write, end } = throughTransform(stream, sink);
  return {
    write: async (chunk) => {
      if (stream.destroyed) return await write(chunk);
      await new Promise<void>((resolve) => {
        stream.write(chunk, () => resolve());
      });
    },
    end,
  };
}

function copying({ write, end }: BytePump): BytePump {
  return { write: (chunk) => write(Buffer.from(chunk)), end };
}

function throughProgram(name: string, args: readonly string[], sink: ByteSink): BytePump {
  const child = spawn(name, args, { stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", () =>
      reject(archiveError(`Cannot read the archive: the program "${name}" cannot be run`, `install ${name}`)),
    );
    child.on("close", (status) => {
      if (status === 0) resolve();
      else reject(archiveError(`Cannot read the archive: ${name} says that it is damaged`));
    });
  });
  return throughStreams(child.stdin, child.stdout, sink, ended);
}

function throughStreams(input: Writable, output: Readable, sink: ByteSink, finished: Promise<void>): BytePump {
  const flowed = new Promise<void>((resolve, reject) => {
    const waiting: Uint8Array[] = [];
    const take = (): void => {
      try {
        for (const chunk of waiting.splice(0)) sink(chunk);
      } catch (error) {
        reject(error);
        output.destroy();
        input.destroy();
      }
    };
    // Not at once: the stream goes on with the next part in a thread of its own, while the sink has this one.
    output.on("data", (chunk: Uint8Array) => {
      if (waiting.push(chunk) === 1) setImmediate(take);
    });
    output.on("end", () => {
      take();
      resolve();
    });
    for (const stream of new Set([input, output])) stream.on("error", (error) => reject(damaged(error)));
  });
  const done = Promise.all([flowed, finished]);
  // Whoever writes next, or ends, gets the failure.
  done.catch(() => {});
  return {
    write: async (chunk) => {
      if (input.destroyed) await done;
      else if (!input.write(chunk)) await Promise.race([drained(input), done]);
    },
    end: async () => {
      if (!input.destroyed) input.end();
      await done;
    },
  };
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.once("drain", resolve);
  });
}

function damaged(error: Error): Error {
  return archiveError(`Cannot read the archive: its compressed data is damaged (${error.message})`);
}
