import { VERSION } from "../../base/version.ts";
import { readTextIfExists } from "../../sys/files.ts";
import { findInPath } from "../../sys/find-in-path.ts";
import { readIndex } from "../image/image-index.ts";
import { storageInfo } from "../storage/storage-info.ts";
import { bundleHost } from "./bundle-host.ts";
import type { EngineContext } from "./engine-context.ts";
import { liveStatus } from "./status.ts";
import { listContainers } from "./store.ts";

/** What `info` shows, with docker's members. */
export function collectInfo({ paths, warn }: EngineContext) {
  const os = process.getBuiltinModule("node:os");
  const statuses = listContainers(paths, warn).map((record) => liveStatus(paths, record).status);
  const count = (...wanted: readonly string[]) => statuses.filter((status) => wanted.includes(status)).length;
  const host = bundleHost();
  return {
    ID: readTextIfExists("/etc/machine-id")?.trim() ?? "",
    Containers: statuses.length,
    ContainersRunning: count("running", "restarting"),
    ContainersPaused: count("paused"),
    ContainersStopped: count("created", "exited", "removing"),
    Images: new Set(readIndex(paths).map(({ imageId }) => imageId)).size,
    ...storageInfo(paths),
    LoggingDriver: "json-file",
    CgroupDriver: host.hasCgroups ? "cgroupfs" : "none",
    CgroupVersion: host.isCgroup2 ? "2" : "1",
    Runtimes: [
      "mydocker-runtime",
      ...["runc", "crun", "youki"].filter((name) => findInPath(name, process.env.PATH) !== undefined),
    ],
    DefaultRuntime: "mydocker-runtime",
    SecurityOptions: [
      "name=seccomp,profile=builtin",
      ...(host.hasAppArmor ? ["name=apparmor"] : []),
      ...(host.rootless === undefined ? [] : ["name=rootless"]),
    ],
    KernelVersion: os.release(),
    OperatingSystem: operatingSystem(),
    OSType: "linux",
    Architecture: os.machine(),
    NCPU: host.cpuCount,
    MemTotal: os.totalmem(),
    Name: os.hostname(),
    DockerRootDir: paths.root,
    RunRootDir: paths.run,
    ServerVersion: VERSION,
    Rootless: host.rootless !== undefined,
  };
}

function operatingSystem(): string {
  const text = readTextIfExists("/etc/os-release") ?? readTextIfExists("/usr/lib/os-release") ?? "";
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? "Linux";
}
