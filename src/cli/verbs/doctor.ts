import { absolutePath } from "../absolute-path.ts";
import type { Act } from "../act.ts";
import { reportHostFindings } from "../report-host-findings.ts";

export const act: Act<"doctor"> = async ({ flags: { bundle, format } }, { runtime, context, cwd, print }) => {
  const findings = await runtime.examineHost(
    context,
    bundle === undefined ? {} : { bundle: absolutePath(cwd, bundle) },
  );
  return reportHostFindings(findings, format, print);
};
