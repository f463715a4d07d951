import { COMMIT, SPEC_VERSION, VERSION } from "../base/version.ts";

/**
 * What `--version` prints. moby takes every line with the word "version" in it for the first one, so that only that one
 * may have it. Source: parseRuntimeVersion of moby, parseVersion of go-runc.
 */
export function versionText(engine: string): string {
  const commit = COMMIT ?? "unknown";
  return `mydocker-runtime version ${VERSION}\ncommit: ${commit}\nspec: ${SPEC_VERSION}\nengine: ${engine}\n`;
}
