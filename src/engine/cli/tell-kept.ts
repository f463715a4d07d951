import { parseStoredConfig } from "../../config/stored-config.ts";
import { readTextIfExists } from "../../sys/files.ts";
import type { EngineContext } from "../container/engine-context.ts";
import type { ContainerRecord } from "../container/record.ts";
import { LOG_FILE } from "../container/runtime-driver.ts";
import { readContainer, runDirectory } from "../container/store.ts";

/** Says where everything is that was made for a start which has failed, if it is kept. */
export function tellKept({ paths, warn }: EngineContext, { id, name }: ContainerRecord): void {
  if (readContainer(paths, id)?.life.isKept !== true) return;
  const bundle = runDirectory(paths, id);
  const config = readTextIfExists(`${bundle}/config.json`);
  const rootfs = config === undefined ? undefined : parseStoredConfig(config).root?.path;
  const places = [
    `bundle ${bundle}`,
    ...(rootfs === undefined ? [] : [`root filesystem ${rootfs}`]),
    `log of the runtime ${bundle}/${LOG_FILE}`,
  ];
  warn(`container ${name} is kept as it was when it failed, until "mydocker rm ${name}": ${places.join(", ")}`);
}
