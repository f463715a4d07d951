import type { BuildStep } from "./build-step.ts";
import { runCommand } from "./run-command.ts";

const BUN = process.execPath;
const NODE = "node";

/** What the generators of src/config/ read. */
const SCHEMA = ["schema", "src/tools/config-schema.ts", "src/tools/docs"] as const;

/** Where the engine's executables read their settings: never from the current directory, which is the bundle. */
export const COMPILE_FLAGS = [
  "--compile",
  "--minify",
  "--bytecode",
  // Each verb is a chunk of its own: at every start the functions of all the others would be made as well.
  "--format=esm",
  "--splitting",
  "--no-compile-autoload-bunfig",
  "--no-compile-autoload-dotenv",
  // An executable's own modules have no place on the disk, and need none: see src/sys/installed-file.ts.
  "--define=import.meta.dirname=''",
  "--define=import.meta.filename=''",
] as const;

/** Everything that `npm run build` makes, in order. */
export const BUILD_STEPS: readonly BuildStep[] = [
  generated(
    "generate-native-header",
    ["src/plan/op-table.ts", "src/plan/slots.ts", "src/linux/signals.ts"],
    ["native/ops.gen.h", "src/plan/abi.gen.ts", "native/signals.gen.h"],
  ),
  generated("generate-config-types", SCHEMA, ["src/config/types.gen.ts"]),
  generated("generate-validators", SCHEMA, ["src/config/validate-schema.gen.ts", "src/config/config-shape.gen.ts"]),
  generated(
    "generate-cli-table",
    ["src/cli", "src/engine/cli"],
    ["src/cli/flags.gen.ts", "src/engine/cli/flags.gen.ts"],
  ),
  {
    name: "types",
    inputs: ["src", "test", "tsconfig.json", "package.json"],
    outputs: ["build/.tsbuildinfo"],
    commands: [[NODE, "node_modules/typescript/bin/tsc", "-p", "."]],
  },
  {
    name: "native",
    inputs: ["native"],
    outputs: [
      "dist/mydocker-native.node",
      "dist/mydocker-init",
      "dist/mydocker-netd",
      "dist/mydocker-monitor",
      "dist/mydocker-child-init",
      "dist/mydocker-enter",
      "dist/launcher",
      "dist/koffi.node",
    ],
    commands: [["make", "--silent", "--jobs", "-C", "native"]],
  },
  ...["mydocker-runtime", "mydocker"].map(engine),
];

function generated(tool: string, inputs: readonly string[], outputs: readonly string[]): BuildStep {
  const path = `src/tools/${tool}.ts`;
  return { name: tool, inputs: [path, ...inputs], outputs, commands: [[BUN, path]] };
}

/** The engine's executable and, under the command's own name, the launcher that starts it. */
function engine(command: string): BuildStep {
  const executable = `dist/${command}-engine`;
  return {
    name: command,
    inputs: ["src", "package.json", "dist/launcher"],
    outputs: [executable, `dist/${command}`],
    commands: [
      [BUN, "build", ...COMPILE_FLAGS, ...defineCommit(), `src/bin/${command}.ts`, "--outfile", executable],
      // A copy, in a new file: npm packs no hard links, and an old one may be running.
      ["cp", "--remove-destination", "dist/launcher", `dist/${command}`],
    ],
  };
}

/** What --version prints; a source archive has no commit. */
function defineCommit(): readonly string[] {
  const { succeeded, output } = runCommand(["git", "rev-parse", "HEAD"]);
  return succeeded ? ["--define", `MYDOCKER_COMMIT=${JSON.stringify(output.trim())}`] : [];
}
