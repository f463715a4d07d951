import { type JsonPointer, pointerTo } from "../../base/json-pointer.ts";
import { findMountOption, MOUNT_OPTIONS } from "../../linux/mount-option-table.ts";
import { type MountOptions, parseMountOptions } from "../../linux/mount-options.ts";
import type { Findings } from "../findings.ts";
import { isOneEditApart } from "../nearest-name.ts";
import type { Config, Mount } from "../types.gen.ts";
import { namespaceOf } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config.md#mounts, config.md#linux-mount-options, config.md#posix-platform-mounts. */
export const mountRules: RuleArea = {
  about: ["/mounts"],
  also: ["/linux/namespaces"],
  check(config, found) {
    for (const [index, mount] of (config.mounts ?? []).entries()) {
      const options = parseMountOptions(mount.options ?? []);
      // The type "bind" is how older tools write the option.
      const isBind = options.bind !== false || mount.type === "bind";
      const place = { pointer: pointerTo("/mounts", index), mount, options, isBind };
      checkDestination(place, found);
      checkSourceAndType(place, found);
      checkBindOptions(place, found);
      checkIdMap(place, config, found);
      checkSpelling(place, found);
    }
  },
};

interface Place {
  readonly pointer: JsonPointer;
  readonly mount: Mount;
  readonly options: MountOptions;
  readonly isBind: boolean;
}

function checkDestination({ pointer, mount: { destination } }: Place, found: Findings): void {
  if (destination.startsWith("/")) return;
  const place = { pointer: pointerTo(pointer, "destination"), value: destination, spec: "config.md#mounts" } as const;
  if (destination === "") {
    found.error({ ...place, code: "MOUNT_DESTINATION_EMPTY", message: "must name a place inside the container" });
  } else {
    const message = `is a relative path, which is deprecated: "/${destination}" is used`;
    found.warning({ ...place, code: "MOUNT_DESTINATION_RELATIVE", message, fix: `write "/${destination}"` });
  }
}

function checkSourceAndType({ pointer, mount, options, isBind }: Place, found: Findings): void {
  if (isBind && !mount.source) {
    const message = "is required for a bind mount: the file or directory to show";
    const place = { pointer: pointerTo(pointer, "source"), spec: "config.md#mounts" } as const;
    found.error({ ...place, code: "MOUNT_SOURCE_MISSING", message });
  }
  if (!isBind && !options.remount && !mount.type) {
    const message = "is required: the filesystem to mount";
    const place = { pointer: pointerTo(pointer, "type"), spec: "config.md#posix-platform-mounts" } as const;
    found.error({ ...place, code: "MOUNT_TYPE_MISSING", message, fix: 'add a "type", or "bind" to the options' });
  }
  if (options.tmpcopyup && mount.type !== "tmpfs") {
    const message = "has tmpcopyup, which is for tmpfs only";
    const place = { pointer: pointerTo(pointer, "options"), value: mount.options } as const;
    found.error({ ...place, code: "MOUNT_TMPCOPYUP", message, spec: "config.md#linux-mount-options" });
  }
}

/**
 * The kernel ignores options of the filesystem for a bind mount, and tells nobody. No error: bundles of years have them.
 * Source: mount(2), "MS_BIND".
 */
function checkBindOptions({ pointer, mount, options, isBind }: Place, found: Findings): void {
  if (!isBind || options.data.length === 0) return;
  found.warning({
    code: "MOUNT_BIND_DATA",
    pointer: pointerTo(pointer, "options"),
    value: mount.options,
    message: `has "${options.data.join(",")}", which a bind mount ignores: it is the filesystem's, not the mount's`,
    fix: "take it out",
    spec: "config.md#linux-mount-options",
  });
}

function checkIdMap({ pointer, mount, options }: Place, config: Config, found: Findings): void {
  const { uidMappings = [], gidMappings = [] } = mount;
  const spec = "config.md#posix-platform-mounts";
  if ((uidMappings.length === 0) !== (gidMappings.length === 0)) {
    const missing = uidMappings.length === 0 ? "uidMappings" : "gidMappings";
    const message = `is required as well: uidMappings and gidMappings come together`;
    found.error({ code: "MOUNT_ID_MAPPINGS_PAIR", pointer: pointerTo(pointer, missing), message, spec });
  }
  const hasMappings = uidMappings.length > 0 || gidMappings.length > 0;
  if (hasMappings && options.idmap === false) {
    const message = "has id mappings without the option that announces them: runtimes that do not know them are silent";
    found.warning({
      code: "MOUNT_IDMAP_OPTION",
      pointer,
      message,
      fix: 'add "idmap" or "ridmap" to the options',
      spec,
    });
  }
  if (options.idmap !== false && !hasMappings && namespaceOf(config, "user") === undefined) {
    const message = `has "${options.idmap}" and neither mappings of its own nor those of a user namespace`;
    const place = { pointer: pointerTo(pointer, "options"), value: mount.options, spec } as const;
    found.error({ ...place, code: "MOUNT_IDMAP_MAPPINGS", message, fix: "add uidMappings and gidMappings" });
  }
}

/** An option that is one letter off belongs to no filesystem; shorter ones are alike by chance. */
const SPELLING_LENGTH = 5;

function checkSpelling({ pointer, mount }: Place, found: Findings): void {
  for (const [index, option] of (mount.options ?? []).entries()) {
    if (option.length < SPELLING_LENGTH || option.includes("=") || findMountOption(option) !== undefined) continue;
    const near = misspelt(option);
    if (near === undefined) continue;
    found.warning({
      code: "MOUNT_OPTION_SPELLING",
      pointer: pointerTo(pointer, "options", index),
      value: option,
      message: `is handed to the filesystem; did you mean "${near}"?`,
      fix: `write "${near}"`,
      spec: "config.md#linux-mount-options",
    });
  }
}

function misspelt(option: string): string | undefined {
  for (const name in MOUNT_OPTIONS) {
    if (name.length >= SPELLING_LENGTH && isOneEditApart(option, name)) return name;
  }
  return undefined;
}
