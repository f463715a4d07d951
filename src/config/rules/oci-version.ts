import type { RuleArea } from "./rule-area.ts";

/** The highest minor version of the runtime-spec, with major version 1, that this program implements. */
const MINOR = 3;

/** Semantic Versioning 2.0.0, as its own site writes it. Source: https://semver.org, "suggested regular expression". */
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

/** Source: config.md#specification-version. */
export const ociVersionRules: RuleArea = {
  about: ["/ociVersion"],
  check({ ociVersion }, found) {
    // What nearly every config has, without the cost of the long pattern.
    if (/^1\.[0-3]\.[0-9]$/.test(ociVersion)) return;
    const match = SEMVER.exec(ociVersion);
    if (match === null) {
      const message = "must be a Semantic Version (https://semver.org)";
      found.error({ ...PLACE, code: "OCI_VERSION_FORMAT", value: ociVersion, message, fix: 'write "1.3.0"' });
    } else if (match[1] !== "1") {
      const message = "is a version of the runtime-spec that this runtime does not support: it must be 1.x";
      found.error({ ...PLACE, code: "OCI_VERSION_UNSUPPORTED", value: ociVersion, message });
    } else if (Number(match[2]) > MINOR) {
      const message = `is newer than the runtime-spec 1.${MINOR} that this runtime implements: what is new is not used`;
      found.warning({ ...PLACE, code: "OCI_VERSION_NEWER", value: ociVersion, message });
    }
  },
};

const PLACE = { pointer: "/ociVersion", spec: "config.md#specification-version" } as const;
