/** What the verbs call: the runtime's public interface, so far as the command line has verbs for it. */
export type RuntimeApi = Pick<
  typeof import("../runtime/index.ts"),
  | "containerState"
  | "createContainer"
  | "deleteContainer"
  | "execInContainer"
  | "killContainer"
  | "listContainers"
  | "planBundle"
  | "printPlan"
  | "reportFailure"
  | "runContainer"
  | "runtimeFeatures"
  | "startContainer"
  | "validateBundle"
  | "writeSpec"
>;
