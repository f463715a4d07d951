import type { ActLoader } from "./act.ts";
import { CONTAINER_ACTS } from "./acts/container-acts.ts";
import { HIDDEN_ACTS } from "./acts/hidden-acts.ts";
import { IMAGE_ACTS } from "./acts/image-acts.ts";
import { NETWORK_ACTS } from "./acts/network-acts.ts";
import { SYSTEM_ACTS } from "./acts/system-acts.ts";
import { VOLUME_ACTS } from "./acts/volume-acts.ts";
import type { EngineVerb } from "./call.ts";

/** What carries out each command. */
export const ACTS: { readonly [V in EngineVerb]: ActLoader<V> } = {
  ...CONTAINER_ACTS,
  ...IMAGE_ACTS,
  ...NETWORK_ACTS,
  ...VOLUME_ACTS,
  ...SYSTEM_ACTS,
  ...HIDDEN_ACTS,
};
