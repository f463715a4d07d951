import { type ConfigChange, diffConfigs } from "../../config/config-diff.ts";
import type { Config } from "../../config/types.gen.ts";
import type { ContainerConfig, HostConfig } from "./container-config.ts";
import type { ContainerRecord, MountPoint } from "./record.ts";
import { CONFIG_FLAGS, HOST_CONFIG_FLAGS } from "./setting-flags.ts";

/** One thing that a container was asked for, and what it makes of the OCI config. */
export interface ExplainedSetting {
  /** The flag, or where else it comes from. */
  readonly from: string;
  readonly changes: readonly ConfigChange[];
}

export type Settings = Pick<ContainerRecord, "config" | "hostConfig" | "mounts">;

/** What a container has of which nothing was said, and what its config has when its image alone speaks. */
export interface DefaultSettings extends Pick<Settings, "config" | "hostConfig"> {
  readonly imageConfig: ContainerConfig;
}

/**
 * What each setting of a container makes of its config: the config is made once more without it, and compared. Pure, as
 * `configOf` is.
 */
export function explainSettings(
  settings: Settings,
  defaults: DefaultSettings,
  configOf: (settings: Settings) => Config,
): readonly ExplainedSetting[] {
  const whole = configOf(settings);
  const variants = [...ofImage(settings, defaults), ...ofFlags(settings, defaults), ...ofMounts(settings)];
  return variants.flatMap(({ from, without, having }) => {
    const changes = diffConfigs(configOf(without), having === undefined ? whole : configOf(having));
    return changes.length === 0 ? [] : [{ from, changes }];
  });
}

interface Variant {
  readonly from: string;
  readonly without: Settings;
  /** Absent: all that the container has. */
  readonly having?: Settings;
}

/** To which a command line adds; of the others it takes the place. */
const MERGED: readonly (keyof ContainerConfig)[] = ["Env", "Labels", "ExposedPorts"];

function ofImage(settings: Settings, { config: plain, imageConfig }: DefaultSettings): readonly Variant[] {
  const { config } = settings;
  const isInForce = (name: keyof ContainerConfig) =>
    MERGED.includes(name) || diffConfigs(imageConfig[name], config[name]).length === 0;
  return differing(imageConfig, plain)
    .filter(isInForce)
    .map((name) => ({
      from: "the image",
      without: { ...settings, config: { ...config, [name]: plain[name] } },
      having: { ...settings, config: { ...config, [name]: imageConfig[name] } },
    }));
}

function ofFlags(settings: Settings, defaults: DefaultSettings): readonly Variant[] {
  const { config, hostConfig } = settings;
  return [
    ...differing(config, defaults.imageConfig).map((name) => ({
      from: CONFIG_FLAGS[name],
      without: { ...settings, config: { ...config, [name]: defaults.imageConfig[name] } },
    })),
    ...differing(hostConfig, defaults.hostConfig).map((name) => ({
      from: HOST_CONFIG_FLAGS[name],
      without: { ...settings, hostConfig: { ...hostConfig, [name]: defaults.hostConfig[name] } },
    })),
  ];
}

function differing<T extends ContainerConfig | HostConfig>(settings: T, plain: T): readonly (keyof T)[] {
  // The members of an object of this type, and of no other.
  const names = Object.keys(settings) as (keyof T)[];
  return names.filter((name) => diffConfigs(plain[name], settings[name]).length > 0);
}

function ofMounts(settings: Settings): readonly Variant[] {
  return settings.mounts.map((mount) => ({
    from: `${mountFlag(settings, mount)}, ${mount.Destination}`,
    without: { ...settings, mounts: settings.mounts.filter((each) => each !== mount) },
  }));
}

function mountFlag({ config, hostConfig }: Settings, { Destination: target }: MountPoint): string {
  if (hostConfig.Mounts.some(({ Target }) => Target === target)) return "--volume or --mount";
  if (Object.hasOwn(hostConfig.Tmpfs, target)) return "--tmpfs";
  return hostConfig.VolumesFrom.length === 0 || Object.hasOwn(config.Volumes ?? {}, target)
    ? "the image"
    : "--volumes-from";
}
