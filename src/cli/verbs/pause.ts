import type { Act } from "../act.ts";

export const act: Act<"pause"> = ({ args: [id] }, { runtime, context }) => runtime.pauseContainer(context, { id });
