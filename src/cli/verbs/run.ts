import type { Act } from "../act.ts";
import { createOptions } from "./create-options.ts";

export const act: Act<"run"> = ({ args: [id], flags }, { runtime, context, cwd }) =>
  runtime.runContainer(context, {
    ...createOptions(id, flags, cwd),
    detach: flags.detach,
    keep: flags.keep,
    noSubreaper: flags["no-subreaper"],
  });
