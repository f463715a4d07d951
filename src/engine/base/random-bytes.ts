/** Random bytes for names. Node's module for them would take longer to load than all that is done with them. */
export function randomBytes(count: number): Buffer {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(count)));
}
