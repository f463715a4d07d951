import { errnoText } from "../../../linux/errno.ts";
import { USER_NAMESPACE_SYSCTLS } from "../../../linux/user-namespace-sysctls.ts";
import { readTextIfExists } from "../../../sys/files.ts";
import { EngineError, EXIT_STATUS } from "../../base/errors.ts";
import { moreIdsFix } from "../../base/user-ids.ts";
import type { EngineAct } from "../act.ts";

/** What native/enter.c starts where it could not enter namespaces. */
export const act: EngineAct<"enter-failed"> = ({ args: [step, errno = "0"] }) => {
  const fix = FIXES[step]?.();
  throw new EngineError(`Cannot make the namespaces of an ordinary user: ${step}: ${errnoText(Number(errno))}`, {
    code: "ERR_SYSTEM",
    exitStatus: EXIT_STATUS.engine,
    ...(fix !== undefined && { fix }),
  });
};

/** By step: the one line that mends it. */
const FIXES: Readonly<Record<string, () => string | undefined>> = {
  unshare: sysctlFix,
  newuidmap: moreIdsFix,
};

/** What each parameter must be; of the third only zero lets everybody. */
const WANTED: readonly string[] = ["15000", "1", "0"];

function sysctlFix(): string | undefined {
  const lines = USER_NAMESPACE_SYSCTLS.flatMap((name, index) => {
    const value = readTextIfExists(`/proc/sys/${name.replaceAll(".", "/")}`)?.trim();
    const wanted = WANTED[index] ?? "";
    const forbids = value !== undefined && (wanted === "0" ? value !== "0" : value === "0");
    return forbids ? [`${name}=${wanted}`] : [];
  });
  return lines.length === 0 ? undefined : `let root run: sysctl -w ${lines.join(" ")}`;
}
