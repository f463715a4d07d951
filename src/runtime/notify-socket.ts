import type { Config } from "../config/types.gen.ts";
import { NOTIFY_SOCKET_NAME, type NotifyInput } from "../plan/parts/notify-socket.ts";

/** Where the container finds its socket. */
const MOUNT_POINT = "/run/notify";

/** A config whose process can tell a service manager that it is ready, and what that takes. */
export interface Notifying {
  readonly config: Config;
  readonly notify?: NotifyInput;
}

/** The service manager's socket that the caller was given, if any. Source: sd_notify(3). */
export function managerSocket(): string | undefined {
  return process.env.NOTIFY_SOCKET || undefined;
}

/** The directory of a container's own socket. */
export function notifyDirectory(stateDirectory: string): string {
  return `${stateDirectory}/notify`;
}

/**
 * Where the caller is a service that is to tell when it is ready, so does the container: a socket of its own is mounted
 * and named to it. Without a mount namespace of its own nothing can be mounted for it.
 */
export function withNotifySocket(config: Config, stateDirectory: string): Notifying {
  const manager = managerSocket();
  const hasMounts = config.linux?.namespaces?.some(({ type }) => type === "mount") === true;
  if (manager === undefined || config.process === undefined || !hasMounts) return { config };
  const directory = notifyDirectory(stateDirectory);
  const mount = {
    destination: MOUNT_POINT,
    type: "bind",
    source: directory,
    options: ["bind", "ro", "nosuid", "nodev", "noexec"],
  };
  const env = [...(config.process.env ?? []), `NOTIFY_SOCKET=${MOUNT_POINT}/${NOTIFY_SOCKET_NAME}`];
  return {
    config: { ...config, mounts: [...(config.mounts ?? []), mount], process: { ...config.process, env } },
    notify: { manager, directory },
  };
}
