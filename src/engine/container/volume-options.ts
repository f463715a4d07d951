import { parseMountOptions } from "../../linux/mount-options.ts";
import type { MountOptionPairs } from "../../sys/mounts.ts";
import { EngineError } from "../base/errors.ts";

/** `-o` of `volume create`: what is mounted as the volume's directory while a container that has it runs. */
export type VolumeOptions = Readonly<Record<string, string>>;

const KNOWN: readonly string[] = ["type", "device", "o", "size"];
/** Which options mean nothing without which others. */
const NEEDED = { device: ["type"], type: ["device"], o: ["device", "type"] } as const;

/** Refuses options that the local driver does not have, in docker's words. Throws EngineError. */
export function checkVolumeOptions(name: string, options: VolumeOptions): void {
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw refused(name, `invalid option: ${JSON.stringify(unknown)}`);
  for (const [option, others] of Object.entries(NEEDED)) {
    const missing = options[option] === undefined ? undefined : others.find((other) => options[other] === undefined);
    if (missing !== undefined) throw refused(name, `missing required option: ${JSON.stringify(missing)}`);
  }
  if (options.size !== undefined) {
    throw refused(name, "quota size requested but no quota support", "type=tmpfs with o=size=SIZE is limited in size");
  }
}

/** What a volume's options ask the kernel for. */
export type VolumeMount =
  | { readonly kind: "bind"; readonly device: string; readonly isReadonly: boolean }
  | {
      readonly kind: "filesystem";
      readonly type: string;
      readonly attributes: number;
      readonly options: MountOptionPairs;
    };

/** Undefined for a volume that is a plain directory. Pure; the words of `o` are those of mount(8). */
export function volumeMount({ type, device, o = "" }: VolumeOptions): VolumeMount | undefined {
  if (type === undefined || device === undefined) return undefined;
  const words = o.split(",").filter((word) => word !== "");
  const { bind, attrSet, sbFlags, data } = parseMountOptions(words);
  if (bind !== false) return { kind: "bind", device, isReadonly: words.includes("ro") };
  const options = [
    ["source", device] as const,
    ...sbFlags.map((flag) => [flag, ""] as const),
    ...data.map((word) => keyAndValue(word)),
  ];
  return { kind: "filesystem", type, attributes: attrSet, options };
}

function keyAndValue(word: string): readonly [key: string, value: string] {
  const equals = word.indexOf("=");
  return equals === -1 ? [word, ""] : [word.slice(0, equals), word.slice(equals + 1)];
}

function refused(name: string, why: string, fix?: string): EngineError {
  return new EngineError(`create ${name}: ${why}`, {
    code: "ERR_USAGE",
    flag: "--opt",
    ...(fix === undefined ? {} : { fix }),
  });
}
