import { absolutePath } from "../absolute-path.ts";
import type { Act } from "../act.ts";

export const act: Act<"spec"> = ({ flags }, { runtime, context, cwd }) =>
  runtime.writeSpec(context, { bundle: absolutePath(cwd, flags.bundle ?? ""), rootless: flags.rootless });
