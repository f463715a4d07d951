import { absolutePath } from "../absolute-path.ts";
import type { Act } from "../act.ts";

export const act: Act<"diff"> = async ({ args }, { runtime, cwd, print }) => {
  const [bundle = "", other = ""] = args.map((path) => absolutePath(cwd, path));
  print(await runtime.diffBundles(bundle, other));
};
