import type { Act } from "../act.ts";
import { createOptions } from "./create-options.ts";

export const act: Act<"create"> = ({ args: [id], flags }, { runtime, context, cwd }) =>
  runtime.createContainer(context, createOptions(id, flags, cwd));
