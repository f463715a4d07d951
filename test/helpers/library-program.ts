import { join } from "node:path";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { assertSuccess, type TestBox } from "./test-box.ts";

/** The engines that the library is for, and for how many containers at once it is tried there: more than an engine has threads. */
export const ENGINES: readonly (readonly [engine: string, containers: number])[] = [
  [process.execPath, 50],
  [join(PROJECT_ROOT, "node_modules/.bin/bun"), 12],
];

const LIBRARY = join(PROJECT_ROOT, "build/src/runtime/index.js");

/**
 * Runs a program that uses the library as `lib`, with this box's state root in `context`, and returns what it printed, a JSON
 * value a line. What the box is named is in `id`, its bundle in `bundle`.
 */
export async function runLibraryProgram(
  box: TestBox,
  body: string,
  engine: string = process.execPath,
): Promise<readonly unknown[]> {
  const values = { context: { root: box.stateRoot }, id: box.id, bundle: box.bundle };
  const text = `import * as lib from ${JSON.stringify(LIBRARY)};
    const { id, bundle, context } = ${JSON.stringify(values)};
    const print = (value) => console.log(JSON.stringify(value));
    context.warn = print;
    ${body}`;
  box.writeConfig();
  const flags = engine === process.execPath ? ["--input-type=module"] : [];
  const result = await box.program([engine, ...flags, "--eval", text]);
  assertSuccess(result);
  return result.stdout
    .split("\n")
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line));
}
