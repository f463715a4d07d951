/** Enough for the images of a busy host; what is remembered of one text is about ten times as large as the text. */
const MAX_TEXTS = 16;
const MAX_LENGTH = 1 << 17;

/**
 * A function of nothing but a text that does not compute anew what it has given for the same text lately. Whoever gets a
 * value must not change it. What is thrown is not remembered, nor are values of long texts.
 */
export function remembering<T extends object>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = compute(text);
    if (text.length > MAX_LENGTH) return value;
    for (const oldest of known.keys()) {
      if (known.size < MAX_TEXTS) break;
      known.delete(oldest);
    }
    known.set(text, value);
    return value;
  };
}
