/** The program's version; a test holds it against package.json. */
export const VERSION = "0.1.0";

/** The version of the runtime-spec that this program implements. */
export const SPEC_VERSION = "1.3.0";

/** Given by the build (`bun build --define`); absent where the source runs as it is. */
declare const MYDOCKER_COMMIT: string | undefined;

/** The commit that the executable was built from, in full; undefined where the build did not know it. */
export const COMMIT = typeof MYDOCKER_COMMIT === "string" ? MYDOCKER_COMMIT : undefined;
