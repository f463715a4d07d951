import type { Act } from "../act.ts";

export const act: Act<"kill"> = ({ args: [id, signal = "SIGTERM"], flags }, { runtime, context }) =>
  runtime.killContainer(context, { id, signal, all: flags.all });
