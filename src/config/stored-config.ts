import { remembering } from "../base/remember.ts";
import { parseConfig } from "./parse-config.ts";
import type { Config } from "./types.gen.ts";

/**
 * The config that a container was created with, from its text: it was checked when it was stored. Whoever gets it must not
 * change it: others get the same. Throws RuntimeError ERR_CONFIG_SYNTAX for a text that was not stored whole.
 */
export const parseStoredConfig = remembering((text): Config => parseConfig(text) as Config);
