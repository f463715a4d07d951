import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ajvDraft04 from "ajv-draft-04";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";

/** The schemas of the runtime-spec itself, which are the oracle for ours. They are not part of this project. */
export interface OfficialSchemas {
  /** Why there are none, for a test to skip with; false where they are there. */
  readonly missing: string | false;
  /** Whether a schema, by its file's name, accepts a value. */
  readonly validate: (schema: string, value: unknown) => boolean;
  /** The spec's own examples: a folder of test/, such as "config/good". */
  readonly examples: (folder: string) => readonly { readonly name: string; readonly text: string }[];
}

/** Takes them from the folder that MYDOCKER_OCI_SCHEMA names, or from ../shared/oci/schema beside the checkout. */
export function officialSchemas(): OfficialSchemas {
  const folder = process.env.MYDOCKER_OCI_SCHEMA ?? resolve(PROJECT_ROOT, "../shared/oci/schema");
  if (!existsSync(folder))
    return { missing: `no official schemas at "${folder}"`, validate: () => false, examples: () => [] };
  const ajv = new ajvDraft04.default({ strict: false });
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    ajv.addSchema(JSON.parse(readFileSync(join(folder, name), "utf8")), name);
  }
  return {
    missing: false,
    validate: (schema, value) => ajv.validate(schema, value) === true,
    examples: (part) =>
      // Sorted, so that a corpus made of them is the same everywhere.
      readdirSync(join(folder, "test", part))
        .sort()
        .map((name) => ({
          name,
          text: readFileSync(join(folder, "test", part, name), "utf8"),
        })),
  };
}
