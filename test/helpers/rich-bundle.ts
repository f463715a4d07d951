import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import type { TestBox } from "./test-box.ts";

/**
 * A container with something of nearly everything that can fail halfway: an intermediate process, hooks at both sides,
 * files to be made in the root filesystem, and files in it that must not be touched.
 */
export function makeRich(box: TestBox): void {
  const { config } = box;
  const { linux } = config;
  box.setCommands(["exit", "0"]);
  config.root.readonly = false;
  config.mounts = [
    { destination: "/proc", type: "proc", source: "proc" },
    { destination: "/made/by/mount", type: "tmpfs", source: "tmpfs", options: ["size=64k"] },
    { destination: "/made/file", source: "config.json", options: ["bind", "ro"] },
    { destination: "/etc", source: "/etc", options: ["rbind", "rro"] },
    { destination: "/dangling", type: "tmpfs", source: "tmpfs" },
    // What is missing in the tmpfs is made there, and what the image has of the same name is not touched.
    { destination: "/run", type: "tmpfs", source: "tmpfs" },
    { destination: "/run/directory", type: "tmpfs", source: "tmpfs" },
    { destination: "/run/file", source: "config.json", options: ["bind", "ro"] },
  ];
  symlinkSync("/made/by/link", box.inRootfs("dangling"));
  mkdirSync(box.inRootfs("run/directory"));
  writeFileSync(box.inRootfs("run/file"), "");
  linux.namespaces = [
    ...["pid", "ipc", "uts", "mount", "time", "cgroup"].map((type) => ({ type })),
    { type: "network", path: `/proc/${process.pid}/ns/net` },
  ];
  linux.timeOffsets = { monotonic: { secs: 10 } };
  linux.devices = [{ path: "/dev/made/fuse", type: "c", major: 10, minor: 229 }];
  linux.sysctl = { "kernel.shm_rmid_forced": "1" };
  linux.resources = { memory: { limit: 64 << 20 }, pids: { limit: 20 } };
  linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW" };
  config.process.cwd = "/made/by/cwd";
  const hook = { path: "/bin/true", args: ["true"] };
  config.hooks = {
    prestart: [hook],
    createRuntime: [hook],
    createContainer: [hook],
    poststart: [hook],
    poststop: [hook],
  };
}
