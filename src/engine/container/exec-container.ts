import { CAPABILITIES } from "../../linux/capabilities.ts";
import { close } from "../../sys/descriptors.ts";
import { openFile, readText } from "../../sys/files.ts";
import { callersNofile, execFd } from "../../sys/processes.ts";
import { isRecord } from "../base/json-store.ts";
import { splitPair } from "../base/parse-size.ts";
import { mountRootfs } from "../storage/rootfs-store.ts";
import { accountFiles } from "./build-bundle.ts";
import type { EngineContext } from "./engine-context.ts";
import { noteContainerEvent } from "./events.ts";
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
  const { paths, warn } = context;
  noteContainerEvent(paths, record, `exec_start: ${request.command.join(" ")}`);
  const user = request.user === undefined ? undefined : await userNumbers(context, record, request.user);
  const driver = runtimeDriver(paths, record.hostConfig.Runtime, warn);
  const env = [
    ...(user === undefined ? [] : [`HOME=${user.home}`]),
    ...(request.hasTerminal ? ["TERM=xterm"] : []),
    ...request.env,
  ];
  if (driver.kind === "foreign") {
    return becomeForeign(driver, record, { ...request, env: wholeEnvironment(context, record, env) }, user);
  }
  const runtime = await import("../../runtime/index.ts");
  if (!request.hasInput) closeInput();
  try {
    return await runtime.execInContainer(
      { ...driver.context, handover: "replace", reportArgv: [...context.selfArgv, "exec-failed"] },
      {
        id: record.id,
        process: {
          args: request.command,
          terminal: request.hasTerminal,
          ...(request.workdir !== undefined && { cwd: request.workdir }),
          env,
          ...(user !== undefined && { user: `${user.uid}:${user.gid}` }),
          additionalGids: user?.additionalGids.map(String) ?? [],
          capabilities: request.isPrivileged ? Object.keys(CAPABILITIES) : [],
        },
        detach: request.isDetached,
      },
    );
  } catch (error) {
    throw startFailure("execute the command", error instanceof Error ? error.message : String(error));
  }
}

async function userNumbers({ paths }: EngineContext, { id, hostConfig }: ContainerRecord, spec: string) {
  return resolveUser(spec, hostConfig.GroupAdd, accountFiles(await mountRootfs(paths, id)));
}

/** The program must not read what is meant for others. */
function closeInput(): void {
  close(0);
  // The lowest free number is 0.
  openFile("/dev/null", 0);
}

/**
 * Variables over those of the container: crun takes the ones that it is told instead of the container's, runc beside them.
 * None are needed where none were asked for.
 */
function wholeEnvironment(
  { paths }: EngineContext,
  { id }: ContainerRecord,
  env: readonly string[],
): readonly string[] {
  if (env.length === 0) return [];
  const config: unknown = JSON.parse(readText(`${runDirectory(paths, id)}/config.json`));
  const variables = new Map([...environmentOf(config), ...env].map((entry) => splitPair(entry)));
  return [...variables].map(([name, value]) => `${name}=${value ?? ""}`);
}

/** /process/env of a config that this program wrote. */
function environmentOf(config: unknown): readonly string[] {
  const process = isRecord(config) && isRecord(config.process) ? config.process : {};
  return Array.isArray(process.env) ? process.env.map(String) : [];
}

function becomeForeign(
  { path, root }: ForeignRuntime,
  { id }: ContainerRecord,
  request: ExecRequest,
  user: { uid: number; gid: number } | undefined,
): never {
  const { hasTerminal, isDetached, env, workdir, command, isPrivileged } = request;
  const argv = [
    path,
    "--root",
    root,
    "exec",
    ...(hasTerminal ? ["--tty"] : []),
    ...(isDetached ? ["--detach"] : []),
    ...(workdir === undefined ? [] : ["--cwd", workdir]),
    ...(user === undefined ? [] : ["--user", `${user.uid}:${user.gid}`]),
    ...(isPrivileged ? Object.keys(CAPABILITIES).flatMap((name) => ["--cap", name]) : []),
    ...env.flatMap((entry) => ["--env", entry]),
    id,
    ...command,
  ];
  if (!request.hasInput) closeInput();
  return execFd({ fd: openFile(path, 0), argv, keepFds: [], nofile: callersNofile(process.env.MYDOCKER_NOFILE) });
}
