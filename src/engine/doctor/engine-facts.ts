import { RuntimeError } from "../../base/errors.ts";
import { pathType } from "../../sys/files.ts";
import { findHelper } from "../../sys/run-helper.ts";
import { isInUserNamespace } from "../../sys/user-namespace.ts";
import type { EnginePaths } from "../base/paths.ts";
import { findLeftovers, type Leftovers } from "../container/find-leftovers.ts";
import { listContainers } from "../container/store.ts";
import { listVolumes } from "../container/volumes.ts";
import { listImages } from "../image/list-images.ts";
import { readNetworks } from "../network/network-store.ts";
import type { ForeignDrop } from "../network/rules/firewall.ts";
import { hasFirewall, hostFirewall } from "../network/rules/host-firewall.ts";
import { type StorageInfo, storageInfo } from "../storage/storage-info.ts";
import { emptyCgroups } from "./empty-cgroups.ts";

/** What `mydocker` itself depends on: plain data, so that what follows from it can be tested. */
export interface EngineFacts {
  /** Whether an ordinary user's containers are meant. */
  readonly isRootless: boolean;
  readonly storage: StorageInfo | { readonly problem: string; readonly fix?: string };
  readonly directories: readonly DirectorySpace[];
  readonly network: NetworkFacts;
  /** Why records of the store cannot be read. */
  readonly unreadable: readonly string[];
  readonly leftovers: Leftovers;
  /** The directories of cgroups that nobody has any more. */
  readonly emptyCgroups: readonly string[];
}

/** The space that an ordinary process may take where a directory is, or will be. */
export interface DirectorySpace {
  readonly name: "state" | "run state";
  readonly path: string;
  readonly freeBytes: number;
  /** Undefined where the filesystem has no fixed number of files. */
  readonly freeFiles?: number;
}

/** What gives containers a way out: rules of the host, or for an ordinary user a program. */
export interface NetworkFacts {
  readonly firewall?: "nftables" | "iptables";
  /** Chains of others that may drop containers' packets. */
  readonly drops: readonly ForeignDrop[];
  readonly userProgram?: string;
  /** Why the firewall cannot be asked. */
  readonly problem?: string;
}

/** Looks at what there is. The storage driver is chosen now, where no container has had it chosen. Throws SystemError. */
export function readEngineFacts(paths: EnginePaths): EngineFacts {
  const isRootless = isInUserNamespace();
  return {
    isRootless,
    storage: orProblem(() => storageInfo(paths)),
    directories: [spaceOf("state", paths.root), spaceOf("run state", paths.run)],
    network: isRootless ? userNetwork() : hostNetwork(paths),
    unreadable: unreadableRecords(paths),
    leftovers: findLeftovers(paths),
    emptyCgroups: isRootless ? [] : emptyCgroups(paths),
  };
}

function orProblem<T>(look: () => T): T | { readonly problem: string; readonly fix?: string } {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const { fix } = error.details;
    return { problem: error.message, ...(fix !== undefined && { fix }) };
  }
}

function spaceOf(name: DirectorySpace["name"], path: string): DirectorySpace {
  const { statfsSync } = process.getBuiltinModule("node:fs");
  const { bavail, bsize, files, ffree } = statfsSync(existingAncestor(path));
  return { name, path, freeBytes: bavail * bsize, ...(files > 0 && { freeFiles: ffree }) };
}

function existingAncestor(path: string): string {
  if (path === "/" || pathType(path) !== undefined) return path;
  return existingAncestor(path.slice(0, path.lastIndexOf("/")) || "/");
}

function hostNetwork(paths: EnginePaths): NetworkFacts {
  if (!hasFirewall()) return { drops: [] };
  const found = orProblem(() => {
    const firewall = hostFirewall(paths);
    return { firewall: firewall.name, drops: firewall.look().foreignDrops };
  });
  return "problem" in found ? { drops: [], problem: found.problem } : found;
}

/** The first that is used of an ordinary user's. */
function userNetwork(): NetworkFacts {
  const userProgram = findHelper("pasta") ?? findHelper("slirp4netns");
  return { drops: [], ...(userProgram !== undefined && { userProgram }) };
}

function unreadableRecords(paths: EnginePaths): readonly string[] {
  const messages: string[] = [];
  const note = (message: string) => messages.push(message);
  listContainers(paths, note);
  listVolumes(paths, note);
  for (const { message } of readNetworks(paths).bad) note(message);
  const images = orProblem(() => listImages(paths));
  if ("problem" in images) note(images.problem);
  else for (const { message } of images.bad) note(message);
  return messages;
}
