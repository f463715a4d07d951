/** An element of an XML document, or text between elements. */
export interface XmlPart {
  /** Empty for text. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** With its entities replaced. */
  readonly text: string;
}

const NAME = "[A-Za-z_][A-Za-z0-9_.:-]*";
const TAG = new RegExp(`^<(/?)(${NAME})((?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`);
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "g");
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * Reads a document without a document type, comments and CDATA, all of which no picture needs: throws at what is not
 * well-formed. Gives what begins, in its order. Source: XML 1.0, fifth edition, 2.1 to 2.8, 3.1 and 4.1.
 */
export function readXml(document: string): readonly XmlPart[] {
  const wrong = [...document].find((character) => !isXmlCharacter(character.codePointAt(0) ?? 0));
  if (wrong !== undefined) throw new Error(`U+${wrong.codePointAt(0)?.toString(16)} is no character of XML`);
  let rest = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>/, "");
  const parts: XmlPart[] = [];
  const open: string[] = [];
  while (rest !== "") {
    const text = /^[^<]*/.exec(rest)?.[0] ?? "";
    if (text.includes("]]>")) throw new Error("]]> in text");
    if (open.length === 0 && text.trim() !== "") throw new Error(`text outside of the root element: ${text}`);
    if (text !== "") parts.push({ name: "", attributes: {}, text: replaceEntities(text) });
    rest = rest.slice(text.length);
    if (rest === "") break;
    const tag = TAG.exec(rest);
    if (tag === null) throw new Error(`no tag: ${rest.slice(0, 80)}`);
    rest = rest.slice(tag[0].length);
    readTag(tag, parts, open);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(", ")}`);
  return parts;
}

function readTag([, end, name = "", attributes = "", empty]: RegExpExecArray, parts: XmlPart[], open: string[]): void {
  if (end === "/") {
    if (open.pop() !== name || attributes !== "" || empty === "/") throw new Error(`</${name}> closes nothing`);
    return;
  }
  if (open.length === 0 && parts.some((part) => part.name !== "")) throw new Error("two root elements");
  const values: Record<string, string> = {};
  for (const [, key = "", double, single] of attributes.matchAll(ATTRIBUTE)) {
    if (key in values) throw new Error(`${key} twice`);
    values[key] = replaceEntities(double ?? single ?? "");
  }
  parts.push({ name, attributes: values, text: "" });
  if (empty !== "/") open.push(name);
}

function replaceEntities(text: string): string {
  return text.replace(/&([^;&]*;?)/g, (whole, body: string) => {
    const [, name = "", number = ""] = /^(?:([a-z]+)|#([0-9]+));$/.exec(body) ?? [];
    const character = number === "" ? ENTITIES[name] : String.fromCodePoint(Number(number));
    if (character === undefined || !isXmlCharacter(character.codePointAt(0) ?? 0))
      throw new Error(`no entity: ${whole}`);
    return character;
  });
}

function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
}
