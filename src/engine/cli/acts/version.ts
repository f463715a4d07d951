import { COMMIT, SPEC_VERSION, VERSION } from "../../../base/version.ts";
import { formatValue } from "../../base/format-template.ts";
import { ociArchitecture } from "../../image/platform.ts";
import type { EngineAct } from "../act.ts";

export const act: EngineAct<"version"> = ({ flags: { format } }, { print, host }) => {
  const program = {
    Version: VERSION,
    GitCommit: COMMIT ?? "unknown",
    SpecVersion: SPEC_VERSION,
    Engine: host.engine,
    Os: "linux",
    Arch: ociArchitecture(process.arch),
  };
  const KernelVersion = process.getBuiltinModule("node:os").release();
  // There is no daemon: who asks for its version means what makes containers, and that is this program.
  const value = { Client: program, Server: { ...program, KernelVersion } };
  if (format !== undefined) {
    print(formatValue(value, format));
    return;
  }
  print(
    `Version:    ${VERSION}\nCommit:     ${COMMIT ?? "unknown"}\nSpec:       ${SPEC_VERSION}\nEngine:     ${host.engine}\n`,
  );
};
