import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { ImportStatement } from "./import-rules.ts";

/** `import … from "x"`, `export … from "x"` and `import "x"`, each at the beginning of a line. */
const STATIC_IMPORT = /^(?:import|export)\s+(?:(type\s)?[^"';]*?\sfrom\s*)?["']([^"']+)["']/gm;
/** `import("x")`, and `require("x")` where a file is loaded late. */
const LATE_IMPORT = /\b(?:import|require)\(\s*["']([^"']+)["']/g;

/** Reads every import statement of the TypeScript files below a folder. */
export function readImports(sourceFolder: string): readonly ImportStatement[] {
  return readdirSync(sourceFolder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => importsOf(sourceFolder, file));
}

function importsOf(sourceFolder: string, file: string): readonly ImportStatement[] {
  const text = readFileSync(join(sourceFolder, file), "utf8");
  const fixed = [...text.matchAll(STATIC_IMPORT)].map(([, type, name = ""]) => ({
    name,
    isTypeOnly: type !== undefined,
  }));
  const late = [...text.matchAll(LATE_IMPORT)].map(([, name = ""]) => ({ name, isTypeOnly: false }));
  return [...fixed, ...late].map(({ name, isTypeOnly }) => ({
    from: file,
    to: target(sourceFolder, file, name),
    isTypeOnly,
  }));
}

function target(sourceFolder: string, file: string, name: string): string {
  return name.startsWith(".") ? relative(sourceFolder, join(sourceFolder, dirname(file), name)) : name;
}
