import { diffConfigs, printConfigChanges } from "../config/config-diff.ts";
import { parseConfig } from "../config/parse-config.ts";
import { readConfigText } from "./bundle.ts";

/** What is different between the configs of two bundles, a line each. Throws RuntimeError ERR_BUNDLE, ERR_CONFIG_SYNTAX. */
export function diffBundles(bundle: string, other: string): string {
  return printConfigChanges(diffConfigs(parseConfig(readConfigText(bundle)), parseConfig(readConfigText(other))));
}
