import type { EngineFlags } from "../../cli/call.ts";

/** The flags that `run` and `create` share. */
export type ContainerFlags = EngineFlags<"create">;
