/** The program's version; a test holds it against package.json. */
export const VERSION = "0.1.0";

/** The version of the runtime-spec that this program implements. */
export const SPEC_VERSION = "1.3.0";

/** Given by the build (`bun build --define`); absent where the source runs as it is. */
declare const MYDOCKER_COMMIT: string | undefined;

/**
 * What `--version` prints. moby takes every line with the word "version" in it for the first one, so that only that one
 * may have it. Source: parseRuntimeVersion of moby, parseVersion of go-runc.
 */
export function versionText(engine: string): string {
  const commit = typeof MYDOCKER_COMMIT === "string" ? MYDOCKER_COMMIT : "unknown";
  return `mydocker-runtime version ${VERSION}\ncommit: ${commit}\nspec: ${SPEC_VERSION}\nengine: ${engine}\n`;
}
