import { attempt } from "../../sys/native.ts";

/**
 * At most 256 random bytes, for names. The engine's own generators would take longer to get ready than all that is done with
 * what they give. Throws SystemError. Source: getrandom(2).
 */
export function randomBytes(count: number): Buffer {
  return Buffer.from(attempt("get random bytes", (addon) => addon.randomBytes(count)));
}
