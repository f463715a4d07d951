import { SPEC_VERSION } from "./version.ts";

/** A section of the OCI runtime-spec: file and anchor, such as "config-linux.md#default-devices". */
export type SpecRef = `${SpecFile}#${string}` | SpecFile;

type SpecFile =
  | "bundle.md"
  | "config.md"
  | "config-linux.md"
  | "runtime.md"
  | "runtime-linux.md"
  | "features.md"
  | "features-linux.md"
  | "glossary.md";

const SPEC_ROOT = `https://github.com/opencontainers/runtime-spec/blob/v${SPEC_VERSION}`;

/** The address of a section of the runtime-spec, at the version that this program implements. */
export function specUrl(ref: SpecRef): string {
  return `${SPEC_ROOT}/${ref}`;
}
