import { UsageError } from "../../base/errors.ts";
import { readTextIfExists } from "../../sys/files.ts";
import { absolutePath } from "../absolute-path.ts";
import type { Act } from "../act.ts";

export const act: Act<"trace"> = async ({ args: [file], flags }, { runtime, cwd, print }) => {
  const text = readTextIfExists(absolutePath(cwd, file));
  const times = await runtime.readTrace(text ?? "");
  if (times.length > 0) return print(await runtime.printTrace(times, flags.format));
  const reason = text === undefined ? "it does not exist" : "no step is told of in it";
  throw new UsageError(`Cannot print the trace "${file}": ${reason}`, {
    fix: "have it written with --trace FILE before create, run or exec",
  });
};
