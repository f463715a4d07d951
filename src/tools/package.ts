/** `npm run package`: builds, and makes a .tar.gz and a .deb in dist/packages. Run by bun, see bun.sh. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { buildAll } from "./build-all.ts";
import { runBuildStep } from "./build-step.ts";
import { BUILD_STEPS } from "./build-steps.ts";
import { PROJECT_ROOT } from "./project-root.ts";

const OUTPUT = "dist/packages";

process.exitCode = buildAll() ? makePackages() : 1;

/** Made anew only when something in them has changed. */
function makePackages(): number {
  const made = BUILD_STEPS.flatMap(({ outputs }) => outputs).filter((file) => file.startsWith("dist/"));
  const result = runBuildStep({
    name: "packages",
    inputs: [...made, "docs", "README.md", "package.json", "src/tools/package"],
    outputs: [OUTPUT],
    commands: [[process.execPath, "src/tools/package/build-packages.ts"]],
  });
  if (!result.succeeded) console.error(result.output);
  else for (const name of readdirSync(join(PROJECT_ROOT, OUTPUT)).sort()) console.log(`${OUTPUT}/${name}`);
  return result.succeeded ? 0 : 1;
}
