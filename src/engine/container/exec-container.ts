import { exactJson } from "../../base/exact-json.ts";
import { parseStoredConfig } from "../../config/stored-config.ts";
import { close, memfdFromText } from "../../sys/descriptors.ts";
import { openFile, readText } from "../../sys/files.ts";
import { callersNofile, execFd } from "../../sys/processes.ts";
import { EngineError, EXIT_STATUS } from "../base/errors.ts";
import { settableGroups } from "../config-builder/process.ts";
import { mountRootfs } from "../storage/rootfs-store.ts";
import { accountFiles } from "./build-bundle.ts";
import { bundleHost } from "./bundle-host.ts";
import type { EngineContext } from "./engine-context.ts";
import { noteContainerEvent } from "./events.ts";
import { execProcess } from "./exec-process.ts";
import type { ContainerRecord } from "./record.ts";
import { type ForeignRuntime, runtimeDriver } from "./runtime-driver.ts";
import { startFailure } from "./start-container.ts";
import { runDirectory } from "./store.ts";
import { resolveUser } from "./user.ts";

export interface ExecRequest {
  readonly command: readonly string[];
  readonly isDetached: boolean;
  readonly hasTerminal: boolean;
  readonly hasInput: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly env: readonly string[];
  readonly user: string | undefined;
  readonly workdir: string | undefined;
  readonly isPrivileged: boolean;
}

/**
 * Runs one more program in a container: this process becomes what waits for it, and does not return. Throws EngineError with
 * exit status 126 or 127 where the program is at fault.
 */
export async function execInContainer(
  context: EngineContext,
  record: ContainerRecord,
  request: ExecRequest,
): Promise<number> {
  const { paths, warn, selfArgv } = context;
  const driver = runtimeDriver(paths, record.hostConfig.Runtime, warn);
  const fd = memfdFromText("process", await processText(context, record, request), true);
  noteExec(context, record, request);
  if (!request.hasInput) closeInput();
  if (driver.kind === "foreign") return becomeForeign(driver, record.id, fd, request);
  const runtime = await import("../../runtime/index.ts");
  try {
    return await runtime.execInContainer(
      { ...driver.context, handover: "replace", reportArgv: [...selfArgv, "exec-failed"] },
      { id: record.id, process: { file: `/proc/self/fd/${fd}` }, detach: request.isDetached },
    );
  } catch (error) {
    throw startFailure("execute the command", error instanceof Error ? error.message : String(error));
  }
}

export function noteExec({ paths }: EngineContext, record: ContainerRecord, { command }: ExecRequest): void {
  for (const action of ["exec_create", "exec_start"])
    noteContainerEvent(paths, record, `${action}: ${command.join(" ")}`);
}

/** The text of /process for what `request` asks for, from the config that the container was started with. */
export async function processText(
  context: EngineContext,
  record: ContainerRecord,
  request: ExecRequest,
): Promise<string> {
  const user = request.user === undefined ? undefined : await userNumbers(context, record, request.user);
  const { process } = parseStoredConfig(readText(`${runDirectory(context.paths, record.id)}/config.json`));
  const changed = execProcess(process ?? { cwd: "/" }, {
    command: request.command,
    hasTerminal: request.hasTerminal,
    env: request.env,
    ...(request.consoleSize !== undefined && { consoleSize: request.consoleSize }),
    ...(user !== undefined && { user: { ...user, additionalGids: [], ...settableGroups(user, bundleHost()) } }),
    ...(request.workdir !== undefined && { workdir: request.workdir }),
    ...(request.isPrivileged && { capabilities: bundleHost().capabilities }),
  });
  return exactJson(changed);
}

async function userNumbers({ paths }: EngineContext, { id, hostConfig }: ContainerRecord, spec: string) {
  const rootfs = await mountRootfs(paths, id);
  try {
    return resolveUser(spec, hostConfig.GroupAdd, accountFiles(rootfs));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    // As docker has it: a program that is there, and cannot be executed so.
    throw new EngineError(error.message, { code: error.code, exitStatus: EXIT_STATUS.cannotExecute });
  }
}

/** The program must not read what is meant for others. */
function closeInput(): void {
  close(0);
  // The lowest free number is 0.
  openFile("/dev/null", 0);
}

function becomeForeign({ path, root }: ForeignRuntime, id: string, fd: number, { isDetached }: ExecRequest): never {
  const detach = isDetached ? ["--detach"] : [];
  const argv = [path, "--root", root, "exec", "--process", `/proc/self/fd/${fd}`, ...detach, id];
  const nofile = callersNofile(process.env.MYDOCKER_NOFILE);
  return execFd({ fd: openFile(path, 0), argv, keepFds: [fd], nofile });
}
