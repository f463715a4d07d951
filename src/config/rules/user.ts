import { type JsonPointer, pointerTo } from "../../base/json-pointer.ts";
import type { Findings } from "../findings.ts";
import type { Config, IdMapping, User } from "../types.gen.ts";
import { namespaceOf } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config.md#posix-platform-user. */
export const userRules: RuleArea = {
  also: ["/process/user", "/linux/namespaces", "/linux/uidMappings", "/linux/gidMappings"],
  check(config, found) {
    if (config.process === undefined) return;
    const { user = {} } = config.process;
    checkPresence(user, found);
    checkUmask(user, found);
    const mappings = mappingsOf(config);
    checkId("/process/user/uid", user.uid ?? 0, "user", mappings.uid, found);
    checkId("/process/user/gid", user.gid ?? 0, "group", mappings.gid, found);
    for (const [index, gid] of (user.additionalGids ?? []).entries()) {
      checkId(pointerTo("/process/user/additionalGids", index), gid, "group", mappings.gid, found);
    }
  },
};

const SPEC = "config.md#posix-platform-user";

/** Other runtimes take 0, and configs written by hand rely on it. */
function checkPresence(user: User, found: Findings): void {
  for (const id of ["uid", "gid"] as const) {
    if (user[id] !== undefined) continue;
    const pointer = pointerTo("/process/user", id);
    found.warning({
      code: "USER_INCOMPLETE",
      pointer,
      message: "is required: 0 is used",
      fix: `add "${id}": 0`,
      spec: SPEC,
    });
  }
}

/** Source: umask(2): only the permission bits are used. */
const UMASK_MAX = 0o777;

function checkUmask({ umask = 0 }: User, found: Findings): void {
  if (umask <= UMASK_MAX) return;
  const message = `has bits beyond ${UMASK_MAX} (octal 777), which the kernel does not use`;
  found.warning({ code: "UMASK_RANGE", pointer: "/process/user/umask", value: umask, message, spec: SPEC });
}

/** The mappings that decide which ids exist inside; undefined where they cannot be known from the config alone. */
function mappingsOf(config: Config): { readonly uid?: readonly IdMapping[]; readonly gid?: readonly IdMapping[] } {
  const namespace = namespaceOf(config, "user");
  if (namespace === undefined || namespace.path) return {};
  const { uidMappings, gidMappings } = config.linux ?? {};
  return { ...(uidMappings && { uid: uidMappings }), ...(gidMappings && { gid: gidMappings }) };
}

/** What setresuid(2) and setgroups(2) take for "no id". */
const NO_ID = 0xffff_ffff;

function checkId(
  pointer: JsonPointer,
  value: number,
  what: "group" | "user",
  mappings: readonly IdMapping[] | undefined,
  found: Findings,
): void {
  if (value === NO_ID) {
    found.error({
      code: "ID_RESERVED",
      pointer,
      value,
      message: `is no ${what} id: the kernel uses it for none`,
      spec: SPEC,
    });
  } else if (mappings !== undefined && !mappings.some((mapping) => contains(mapping, value))) {
    const list = what === "user" ? "/linux/uidMappings" : "/linux/gidMappings";
    const message = `is not mapped into the container's user namespace by ${list}`;
    found.error({ code: "ID_NOT_MAPPED", pointer, value, message, spec: SPEC });
  }
}

function contains({ containerID, size }: IdMapping, id: number): boolean {
  return id >= containerID && id < containerID + size;
}
