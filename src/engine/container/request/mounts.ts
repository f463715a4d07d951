import { splitPair } from "../../base/parse-size.ts";
import type { MountRequest } from "../container-config.ts";
import { checkVolumeOptions } from "../volume-options.ts";
import { usage } from "./usage.ts";

export const PROPAGATIONS: readonly string[] = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];
const KEPT: readonly string[] = ["nocopy", "rro", "U", ...PROPAGATIONS];
/** What changes nothing where no security module asks for it. */
const LABELS: readonly string[] = ["z", "Z", "consistent", "cached", "delegated"];

/** What docker shows for a volume that nothing else is said of. */
const NAMED_VOLUME = "z";

/** `-v [SOURCE:]TARGET[:OPTIONS]`: a path of the host, a volume's name, or nothing for an anonymous volume. */
export function parseVolume(text: string): MountRequest {
  const parts = text.split(":");
  const [first = "", second, third = ""] = parts;
  if (parts.length > 3 || first === "") throw usage(`invalid volume specification: '${text}'`, "--volume");
  const target = second === undefined ? first : second;
  const source = second === undefined ? "" : first;
  const options = third === "" ? [] : third.split(",");
  return request({ text, source, target, options, isBind: /^[/.~]/.test(source) });
}

interface VolumeParts {
  readonly text: string;
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
  readonly isBind: boolean;
}

function request({ text, source, target, options, isBind }: VolumeParts): MountRequest {
  const unknown = options.find((one) => !["rw", "ro", ...KEPT, ...LABELS].includes(one));
  if (unknown !== undefined) throw usage(`invalid mode: ${options.join()}`, "--volume");
  if (!isBind && source !== "") checkVolumeName(source);
  return {
    Type: isBind ? "bind" : "volume",
    Source: source,
    Target: checkedTarget(target, text, "--volume"),
    ReadOnly: options.includes("ro") || options.includes("rro"),
    CreateMountpoint: true,
    Options: options.filter((one) => KEPT.includes(one)),
    Mode: options.length === 0 && !isBind && source !== "" ? NAMED_VOLUME : options.join(),
  };
}

/** Names of volumes, as of all objects, can be names of directories. */
export function checkVolumeName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return;
  const rule = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed";
  throw usage(
    `"${name}" includes invalid characters for a local volume name, ${rule}; a directory needs its absolute path`,
    "--volume",
  );
}

function checkedTarget(target: string, text: string, flag: string): string {
  if (!target.startsWith("/"))
    throw usage(`invalid volume specification: '${text}': mount path must be absolute`, flag);
  const clean = `/${target
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;
  if (clean === "/" || clean.split("/").includes("..")) {
    throw usage(`invalid volume specification: '${text}': destination can't be '/' or hold '..'`, flag);
  }
  return clean;
}

/** `--mount type=...,source=...,target=...`. */
export function parseMount(text: string): MountRequest {
  const options = new Map<string, string | undefined>();
  const fields = csvFields(text).map((field) => splitPair(field));
  for (const [name, value] of fields) options.set(NAMES[name] ?? name, value);
  const rest = mountOptions(options, text);
  const type = options.get("type") ?? "volume";
  if (type !== "bind" && type !== "volume" && type !== "tmpfs")
    throw usage(`invalid mount config for type "${type}": mount type unknown`, "--mount");
  if ((options.get("target") ?? "") === "") throw usage(`invalid mount "${text}": target is required`, "--mount");
  const source = checkedSource(type, options.get("source") ?? "");
  return {
    Type: type,
    Source: source,
    Target: checkedTarget(options.get("target") ?? "", text, "--mount"),
    ReadOnly: isOn(options, "readonly"),
    CreateMountpoint: false,
    Options: rest,
    Mode: type === "volume" && source !== "" ? NAMED_VOLUME : "",
    ...volumeTraits(fields),
  };
}

/** Fields may be in quotes, so that a comma can be in them. Source: RFC 4180, of which docker takes one line. */
function csvFields(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"(?=,|$)|([^,]*))/g)].map(
    ([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain,
  );
}

function checkedSource(type: MountRequest["Type"], source: string): string {
  const refuse = (why: string) => usage(`invalid mount config for type "${type}": ${why}`, "--mount");
  if (type === "bind" && source === "") throw refuse("field Source must not be empty");
  if (type === "bind" && !source.startsWith("/"))
    throw refuse(`invalid mount path: '${source}' mount path must be absolute`);
  if (type === "tmpfs" && source !== "") throw refuse("field Source must not be specified");
  if (type === "volume" && source !== "") checkVolumeName(source);
  return source;
}

/** `volume-label=` and `volume-opt=`, each of which may be there several times. */
function volumeTraits(fields: readonly (readonly [string, string | undefined])[]): Pick<MountRequest, "Volume"> {
  const of = (key: string) => fields.flatMap(([name, value]) => (name === key ? [splitPair(value ?? "")] : []));
  const traits = (key: string) => Object.fromEntries(of(key).map(([name, value = ""]) => [name, value]));
  const Volume = { Labels: traits("volume-label"), Options: traits("volume-opt") };
  checkVolumeOptions("volume", Volume.Options);
  const isUsual = Object.keys({ ...Volume.Labels, ...Volume.Options }).length === 0;
  return isUsual ? {} : { Volume };
}

const NAMES: Readonly<Record<string, string>> = { src: "source", dst: "target", destination: "target", ro: "readonly" };
const KNOWN: readonly string[] = [
  "type",
  "source",
  "target",
  "readonly",
  "bind-propagation",
  "bind-recursive",
  "volume-nocopy",
  "volume-driver",
  "volume-label",
  "volume-opt",
  "consistency",
  "tmpfs-size",
  "tmpfs-mode",
];

const RECURSIVE: readonly string[] = ["enabled", "disabled", "writable", "readonly"];

function isOn(options: ReadonlyMap<string, string | undefined>, name: string): boolean {
  return options.has(name) && options.get(name) !== "false" && options.get(name) !== "0";
}

function mountOptions(options: ReadonlyMap<string, string | undefined>, text: string): readonly string[] {
  for (const name of options.keys()) {
    if (!KNOWN.includes(name)) throw usage(`unexpected key '${name}' in '${text}'`, "--mount");
  }
  const driver = options.get("volume-driver") ?? "local";
  if (driver !== "local")
    throw usage(`error looking up volume plugin ${driver}: plugin "${driver}" not found`, "--mount");
  const propagation = options.get("bind-propagation");
  if (propagation !== undefined && !PROPAGATIONS.includes(propagation))
    throw usage(`invalid propagation "${propagation}"`, "--mount");
  const recursive = options.get("bind-recursive");
  if (recursive !== undefined && !RECURSIVE.includes(recursive))
    throw usage(
      `invalid value for bind-recursive: ${recursive} (must be "enabled", "disabled", "writable", or "readonly")`,
      "--mount",
    );
  return [
    ...(propagation === undefined ? [] : [propagation]),
    ...(recursive === "readonly" ? ["rro"] : []),
    ...(recursive === "disabled" ? ["bind"] : []),
    ...(isOn(options, "volume-nocopy") ? ["nocopy"] : []),
    ...(options.has("tmpfs-size") ? [`size=${options.get("tmpfs-size")}`] : []),
    ...(options.has("tmpfs-mode") ? [`mode=${options.get("tmpfs-mode")}`] : []),
  ];
}

/** A place can have one mount only. Throws EngineError in docker's words. */
export function checkDistinctTargets(mounts: readonly MountRequest[], tmpfs: readonly string[]): void {
  const seen = new Set<string>();
  for (const target of [...mounts.map(({ Target }) => Target), ...tmpfs]) {
    if (seen.has(target)) throw usage(`Duplicate mount point: ${target}`, "--volume");
    seen.add(target);
  }
}
