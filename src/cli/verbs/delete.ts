import type { Act } from "../act.ts";

export const act: Act<"delete"> = ({ args: [id], flags }, { runtime, context }) =>
  runtime.deleteContainer(context, { id, force: flags.force });
