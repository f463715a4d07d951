import { type ConfigChange, diffConfigs } from "../../config/config-diff.ts";
import type { Config } from "../../config/types.gen.ts";
import type { ContainerConfig, HostConfig } from "./container-config.ts";
import type { ContainerRecord } from "./record.ts";
import { CONFIG_FLAGS, HOST_CONFIG_FLAGS } from "./setting-flags.ts";

/** One thing that a container was asked for, and what it makes of the OCI config. */
export interface ExplainedSetting {
  /** The flag, or where else it comes from. */
  readonly from: string;
  readonly changes: readonly ConfigChange[];
}

export type Settings = Pick<ContainerRecord, "config" | "hostConfig" | "mounts">;

/**
 * What each setting of a container makes of its config: the config is made once more without it, and compared. `plain` is what
 * a container has that nothing was asked of. Pure, as `configOf` is.
 */
export function explainSettings(
  settings: Settings,
  plain: Pick<Settings, "config" | "hostConfig">,
  configOf: (settings: Settings) => Config,
): readonly ExplainedSetting[] {
  const whole = configOf(settings);
  const variants = [...withoutMember(settings, plain), ...withoutMount(settings)];
  return variants.flatMap(({ from, without }) => {
    const changes = diffConfigs(configOf(without), whole);
    return changes.length === 0 ? [] : [{ from, changes }];
  });
}

interface Variant {
  readonly from: string;
  readonly without: Settings;
}

function withoutMember(settings: Settings, plain: Pick<Settings, "config" | "hostConfig">): readonly Variant[] {
  const { config, hostConfig } = settings;
  return [
    ...differing(config, plain.config).map((name) => ({
      from: CONFIG_FLAGS[name],
      without: { ...settings, config: { ...config, [name]: plain.config[name] } },
    })),
    ...differing(hostConfig, plain.hostConfig).map((name) => ({
      from: HOST_CONFIG_FLAGS[name],
      without: { ...settings, hostConfig: { ...hostConfig, [name]: plain.hostConfig[name] } },
    })),
  ];
}

function differing<T extends ContainerConfig | HostConfig>(settings: T, plain: T): readonly (keyof T)[] {
  // The members of an object of this type, and of no other.
  const names = Object.keys(settings) as (keyof T)[];
  return names.filter((name) => diffConfigs(plain[name], settings[name]).length > 0);
}

function withoutMount(settings: Settings): readonly Variant[] {
  return settings.mounts.map((mount) => ({
    from: `${MOUNT_FLAGS[mount.Type]} ${mount.Destination}`,
    without: { ...settings, mounts: settings.mounts.filter((each) => each !== mount) },
  }));
}

const MOUNT_FLAGS = {
  bind: "--volume or --mount,",
  volume: "--volume, --mount or the image:",
  tmpfs: "--tmpfs or --mount,",
} as const;
