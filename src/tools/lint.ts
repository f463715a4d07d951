/** Runs biome over the sources: `lint.ts` checks, `lint.ts --write` mends what can be mended. */
import { runCommand } from "./run-command.ts";

// biome's own package is a launcher that starts node; the package of the platform, which it depends on, holds the program.
const BIOME = `node_modules/@biomejs/cli-linux-${process.arch}/biome`;

const result = runCommand([BIOME, "check", "--error-on-warnings", ...process.argv.slice(2)]);
if (!result.succeeded) console.error(result.output);
process.exitCode = result.succeeded ? 0 : 1;
