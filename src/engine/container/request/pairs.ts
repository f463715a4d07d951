import { splitPair } from "../../base/parse-size.ts";
import { usage } from "./usage.ts";

/** "NAME=VALUE" of each, by name; without "=" the value is empty. Throws EngineError with the flag. */
export function pairs(texts: readonly string[], flag: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [name, value] = splitPair(text);
      if (name === "")
        throw usage(`invalid argument "${text}" for "${flag}" flag: it must be a name and a value`, flag);
      return [name, value ?? ""];
    }),
  );
}
