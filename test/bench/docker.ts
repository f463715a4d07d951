import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "../../src/tools/make-rootfs.ts";
import { runCommand } from "../../src/tools/run-command.ts";

/** A docker daemon with all of its files in one directory; `argv` is its client up to the command. */
export interface DockerDaemon {
  readonly argv: readonly string[];
  readonly stop: () => Promise<void>;
}

const START_TRIES = 120;
const POLL_MS = 250;

/** Starts a docker daemon that leaves the host's network alone; the reason where that cannot be. */
export async function startDocker(directory: string, cgroupParent: string): Promise<DockerDaemon | string> {
  if (findProgram("dockerd") === undefined || findProgram("docker") === undefined) return "docker is not installed";
  const socket = `unix://${directory}/docker.sock`;
  const config = join(directory, "docker.json");
  writeFileSync(config, JSON.stringify(daemonConfig(directory, socket, cgroupParent)));
  const log = join(directory, "docker.log");
  const daemon = spawn("dockerd", ["--config-file", config], { stdio: ["ignore", "ignore", openSync(log, "w")] });
  const argv = ["docker", "--host", socket];
  for (let tries = 0; tries < START_TRIES && daemon.exitCode === null; tries++) {
    if (runCommand([...argv, "version"]).succeeded) return { argv, stop: () => ended(daemon) };
    await delay(POLL_MS);
  }
  await ended(daemon);
  return `docker's daemon does not start: ${readFileSync(log, "utf8").trim().split("\n").at(-1)}`;
}

function daemonConfig(directory: string, socket: string, cgroupParent: string): object {
  return {
    "data-root": join(directory, "docker-data"),
    "exec-root": join(directory, "docker-exec"),
    pidfile: join(directory, "docker.pid"),
    hosts: [socket],
    "cgroup-parent": `/${cgroupParent}`,
    "exec-opts": ["native.cgroupdriver=cgroupfs"],
    "storage-driver": "overlay2",
    iptables: false,
    ip6tables: false,
    bridge: "none",
    // Where root may not lower its own.
    "oom-score-adjust": 0,
  };
}

async function ended(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const exit = new Promise((resolve) => daemon.once("exit", resolve));
  daemon.kill("SIGTERM");
  await exit;
}
