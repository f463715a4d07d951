import type { Act } from "../act.ts";

export const act: Act<"start"> = ({ args: [id] }, { runtime, context }) => runtime.startContainer(context, { id });
