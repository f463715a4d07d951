import { COMMIT, SPEC_VERSION, VERSION } from "../../../base/version.ts";
import type { EngineAct } from "../act.ts";

export const act: EngineAct<"version"> = (_call, { print, host }) => {
  print(
    `Version:    ${VERSION}\nCommit:     ${COMMIT ?? "unknown"}\nSpec:       ${SPEC_VERSION}\nEngine:     ${host.engine}\n`,
  );
};
