import { close } from "../../sys/descriptors.ts";
import { openFile } from "../../sys/files.ts";
import { readAt } from "../../sys/tree.ts";

const CHUNK_BYTES = 1 << 16;
const O_RDONLY = 0;

/** A file's content in parts, each in memory of its own, because who takes it may keep it for a while. Throws SystemError. */
export function* readChunks(path: string): Generator<Uint8Array> {
  const fd = openFile(path, O_RDONLY);
  try {
    for (let position = 0; ; ) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const length = readAt(fd, chunk, position);
      if (length === 0) return;
      yield chunk.subarray(0, length);
      position += length;
    }
  } finally {
    close(fd);
  }
}
