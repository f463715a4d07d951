import type { Act } from "../act.ts";

export const act: Act<"report-failure"> = ({ args: [verb, id = "", ...record] }, { runtime, context }) =>
  runtime.reportFailure(context, { verb, id, record });
