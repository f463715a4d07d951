/** `npm run build`. Run by bun, see bun.sh. */
import { buildAll } from "./build-all.ts";

process.exitCode = buildAll() ? 0 : 1;
