import type { Act } from "../act.ts";

export const act: Act<"resume"> = ({ args: [id] }, { runtime, context }) => runtime.resumeContainer(context, { id });
