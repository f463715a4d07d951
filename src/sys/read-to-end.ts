import { close } from "./descriptors.ts";

/** What Bun has for this: its net.Socket knows no descriptors. Source: Bun's documentation of `Bun.file`. */
interface BunFiles {
  file(fd: number): { stream(): AsyncIterable<Uint8Array> };
}

/**
 * The text of a pipe up to its end, which closes the descriptor. The event loop waits for it: a read of node:fs would keep one
 * of the few threads that all of the program's files are read by, for as long as a container runs. Throws what the engine throws.
 */
export async function readToEnd(fd: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(fd, await import("node:net"))) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function chunksOf(fd: number, { Socket }: typeof import("node:net")): AsyncIterable<Uint8Array> {
  // Bun's own global, which only Bun has.
  const { Bun } = globalThis as { readonly Bun?: BunFiles };
  return Bun === undefined ? new Socket({ fd, readable: true, writable: false }) : closingBehind(fd, Bun);
}

async function* closingBehind(fd: number, bun: BunFiles): AsyncGenerator<Uint8Array> {
  try {
    yield* bun.file(fd).stream();
  } finally {
    close(fd);
  }
}
