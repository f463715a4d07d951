/** Writes the plans of the worked examples in bundles/. Run by hand after a change of the planner: read the difference. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { printPlan } from "../plan/print.ts";
import { BUNDLES_DIRECTORY, bundleNames, bundlePlans, compileBundle } from "./bundle-plans.ts";

for (const name of bundleNames()) {
  for (const wanted of bundlePlans(name)) {
    const plan = compileBundle(name, wanted);
    writeFileSync(join(BUNDLES_DIRECTORY, name, wanted.file), printPlan(plan, "text"));
  }
}
