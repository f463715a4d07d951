import { basename, dirname } from "node:path";
import { O_PATH, OPEN_DIRECTORY } from "../../../linux/open-flags.ts";
import { close, connectUnix, pipe, readFd, writeFd } from "../../../sys/descriptors.ts";
import { openFile, pathType, unlink, writeAtomic } from "../../../sys/files.ts";
import { spawnFd } from "../../../sys/processes.ts";
import { findHelper } from "../../../sys/run-helper.ts";
import { EngineError } from "../../base/errors.ts";
import { specificAddress } from "../rules/published-ports.ts";
import type { PublishedPort } from "../types.ts";

const O_RDWR = 2;
const READY_FD = 3;
/** The directory of its socket, whose path may be longer than an address can be. Source: unix(7), sun_path. */
const SOCKET_DIRECTORY_FD = 4;
const PID_FILE_MODE = 0o600;
const MAX_REPLY_BYTES = 4096;

/** Starts slirp4netns(1) for the network namespace of a path, waits until it is ready, and has it take the published ports. */
export async function startSlirp(pidFile: string, ports: readonly PublishedPort[], netns: string): Promise<void> {
  const socket = socketOf(pidFile);
  const slirpPid = spawnSlirp(pidFile, netns);
  writeAtomic(pidFile, `${slirpPid}\n`, PID_FILE_MODE);
  try {
    for (const port of ports) publish(socket, port);
  } finally {
    // It is asked nothing more.
    if (pathType(socket) !== undefined) unlink(socket);
  }
}

function socketOf(pidFile: string): string {
  return `${pidFile}.sock`;
}

function spawnSlirp(pidFile: string, netns: string): number {
  const path = findHelper("slirp4netns");
  if (path === undefined) throw new EngineError("slirp4netns is not installed", { code: "ERR_NOT_SUPPORTED" });
  const [readEnd, writeEnd] = pipe();
  const opened = [readEnd];
  try {
    // The pid file is among the arguments: by that the process is known to be that file's.
    const argv = [`slirp4netns ${pidFile}`, ...slirpArguments(basename(socketOf(pidFile)), netns)];
    const slirpPid = spawnWith(path, argv, dirname(pidFile), writeEnd);
    if (readFd(readEnd, 1) === "1") return slirpPid;
    throw new EngineError("Cannot start slirp4netns, the way out of the container's network: it ended at once", {
      code: "ERR_SYSTEM",
    });
  } finally {
    for (const fd of opened) close(fd);
  }
}

/** Closes the descriptor that it tells by that it is ready. */
function spawnWith(path: string, argv: readonly string[], socketDirectory: string, readyFd: number): number {
  const opened = [readyFd];
  try {
    const fd = openFile(path, O_PATH);
    opened.push(fd);
    const nothing = openFile("/dev/null", O_RDWR);
    opened.push(nothing);
    const directory = openFile(socketDirectory, OPEN_DIRECTORY);
    opened.push(directory);
    const streams = [0, 1, 2].map((stream) => [stream, nothing] as const);
    const fds = [...streams, [READY_FD, readyFd], [SOCKET_DIRECTORY_FD, directory]] as const;
    return spawnFd({ fd, argv, keepFds: [], fds });
  } finally {
    for (const fd of opened) close(fd);
  }
}

function slirpArguments(socketName: string, netns: string): readonly string[] {
  const flags = ["--configure", "--mtu=65520", "--disable-host-loopback", "--enable-seccomp"];
  return [
    ...flags,
    `--api-socket=/proc/self/fd/${SOCKET_DIRECTORY_FD}/${socketName}`,
    `--ready-fd=${READY_FD}`,
    "--netns-type=path",
    netns,
    "eth0",
  ];
}

/** One request, one reply, one connection. Source: slirp4netns(1), "API socket". */
function publish(socket: string, port: PublishedPort): void {
  const fd = connectUnix(socket);
  try {
    const { protocol: proto, hostPort: host_port, containerPort: guest_port } = port;
    const host_addr = specificAddress(port) ?? "0.0.0.0";
    writeFd(fd, JSON.stringify({ execute: "add_hostfwd", arguments: { proto, host_addr, host_port, guest_port } }));
    const reply = readFd(fd, MAX_REPLY_BYTES);
    if (!reply.includes('"error"')) return;
    throw new EngineError(`Cannot publish port ${host_port}/${proto}: slirp4netns refuses: ${reply.trim()}`);
  } finally {
    close(fd);
  }
}
