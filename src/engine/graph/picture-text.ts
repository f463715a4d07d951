/**
 * What would change how the text around it is read: control characters, newlines, directions of writing, invisible ones; and
 * what XML cannot have. Source: XML 1.0 "Char", Unicode 16 categories Cc, Cf, Cs, Zl, Zp and Cn's noncharacters.
 */
const HOSTILE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

/** Text of containers, as it can be shown in a line of a picture: what is no visible character is an escape, "\u{202e}". Pure. */
export function pictureText(text: string): string {
  return text.replace(HOSTILE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** How many columns of a fixed-width font a text may take: two for what may be a wide character. */
export function textColumns(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOf(character);
  return columns;
}

/** Shortens it in its middle, since both ends of a path or a digest tell most. Never more columns than `most`. */
export function shortened(text: string, most: number): string {
  if (textColumns(text) <= most) return text;
  const characters = [...text];
  const head = taken(characters, Math.ceil((most - 1) / 2));
  const tail = taken(characters.reverse(), Math.floor((most - 1) / 2)).reverse();
  return `${head.join("")}…${tail.join("")}`;
}

function taken(characters: readonly string[], columns: number): string[] {
  let left = columns;
  const count = characters.findIndex((character) => {
    left -= columnsOf(character);
    return left < 0;
  });
  return characters.slice(0, count);
}

/** The first wide characters are those of Hangul; arrows and box drawings, from U+2000 on, are not. Source: Unicode's EastAsianWidth.txt. */
function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x1100 && (code < 0x2000 || code >= 0x2e80) ? 2 : 1;
}
