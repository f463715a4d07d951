import { formatValue } from "../../base/format-template.ts";
import { humanBinarySize } from "../../base/human-size.ts";
import { collectInfo } from "../../container/collect-info.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"info"> = ({ flags: { format } }, at) => {
  const info = collectInfo(engineContext(at));
  if (format !== undefined) {
    at.print(formatValue(info, format));
    return;
  }
  at.print(
    Object.entries({
      Containers: `${info.Containers}\n Running: ${info.ContainersRunning}\n Paused: ${info.ContainersPaused}\n Stopped: ${info.ContainersStopped}`,
      Images: info.Images,
      "Server Version": info.ServerVersion,
      "Storage Driver": `${info.Driver}${info.DriverStatus.map(([name, value]) => `\n ${name}: ${value}`).join("")}`,
      "Logging Driver": info.LoggingDriver,
      "Cgroup Driver": info.CgroupDriver,
      "Cgroup Version": info.CgroupVersion,
      Runtimes: info.Runtimes.join(" "),
      "Default Runtime": info.DefaultRuntime,
      "Security Options": info.SecurityOptions.join(" "),
      "Kernel Version": info.KernelVersion,
      "Operating System": info.OperatingSystem,
      OSType: info.OSType,
      Architecture: info.Architecture,
      CPUs: info.NCPU,
      "Total Memory": humanBinarySize(info.MemTotal),
      Name: info.Name,
      "Mydocker Root Dir": info.DockerRootDir,
      "Run Root Dir": info.RunRootDir,
      Rootless: info.Rootless,
    })
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(""),
  );
};
