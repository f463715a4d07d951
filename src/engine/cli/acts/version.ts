import { COMMIT, SPEC_VERSION, VERSION } from "../../../base/version.ts";
import { formatValue } from "../../base/format-template.ts";
import type { EngineAct } from "../act.ts";

export const act: EngineAct<"version"> = ({ flags: { format } }, { print, host }) => {
  const value = {
    Client: {
      Version: VERSION,
      GitCommit: COMMIT ?? "unknown",
      SpecVersion: SPEC_VERSION,
      Engine: host.engine,
      Os: "linux",
      Arch: process.arch,
    },
  };
  if (format !== undefined) {
    print(formatValue(value, format));
    return;
  }
  print(
    `Version:    ${VERSION}\nCommit:     ${COMMIT ?? "unknown"}\nSpec:       ${SPEC_VERSION}\nEngine:     ${host.engine}\n`,
  );
};
