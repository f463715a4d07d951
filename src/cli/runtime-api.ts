/** What the verbs call: the runtime's public interface, so far as the command line has verbs for it. */
export type RuntimeApi = Pick<
  typeof import("../runtime/index.ts"),
  | "containerPids"
  | "containerState"
  | "createContainer"
  | "deleteContainer"
  | "execInContainer"
  | "killContainer"
  | "listContainers"
  | "pauseContainer"
  | "planBundle"
  | "printPlan"
  | "processTable"
  | "reportFailure"
  | "resumeContainer"
  | "runContainer"
  | "runtimeFeatures"
  | "startContainer"
  | "updateContainer"
  | "validateBundle"
  | "writeSpec"
>;
