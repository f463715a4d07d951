import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SeccompArch } from "../../src/config/types.gen.ts";
import { defaultSeccompProfile } from "../../src/seccomp/default-profile.ts";
import { nativeArchitecture } from "../../src/sys/probe-host.ts";
import { makeRootfs } from "../../src/tools/make-rootfs.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { runCommand } from "../../src/tools/run-command.ts";

export interface BundleOptions {
  readonly args: readonly string[];
  /** docker's default profile. */
  readonly hasSeccomp?: boolean;
  readonly memoryLimitBytes?: number;
}

interface BenchConfig {
  process: { terminal: boolean; args: readonly string[] };
  root: { path: string };
  linux: { seccomp?: unknown; resources?: Record<string, unknown> };
}

/** Makes the root filesystem that all bundles share, and says what is in it. */
export function makeBenchRootfs(directory: string): string {
  mkdirSync(join(directory, "rootfs"));
  return makeRootfs(join(directory, "rootfs"));
}

/** Makes a bundle with our default config; its directory. */
export function makeBundle(directory: string, name: string, options: BundleOptions): string {
  const bundle = join(directory, name);
  mkdirSync(bundle);
  const { succeeded, output } = runCommand([join(PROJECT_ROOT, "dist/mydocker-runtime"), "spec", "--bundle", bundle]);
  if (!succeeded) throw new Error(output);
  const file = join(bundle, "config.json");
  // What `spec` has just written.
  const config = JSON.parse(readFileSync(file, "utf8")) as BenchConfig;
  config.process = { ...config.process, terminal: false, args: options.args };
  config.root.path = join(directory, "rootfs");
  // nativeArchitecture gives names of SeccompArch.
  if (options.hasSeccomp === true) config.linux.seccomp = defaultSeccompProfile(nativeArchitecture() as SeccompArch);
  if (options.memoryLimitBytes !== undefined) {
    config.linux.resources = { ...config.linux.resources, memory: { limit: options.memoryLimitBytes } };
  }
  writeFileSync(file, JSON.stringify(config, null, 2));
  return bundle;
}
