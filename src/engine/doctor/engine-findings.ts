import { fine, type HostFinding, lacking } from "../../base/host-finding.ts";
import { humanBinarySize } from "../base/human-size.ts";
import type { StorageInfo } from "../storage/storage-info.ts";
import type { DirectorySpace, EngineFacts } from "./engine-facts.ts";

/** What `mydocker` has and lacks beside what its runtime does. Pure. */
export function engineFindings(facts: EngineFacts): readonly HostFinding[] {
  return [
    storageFinding(facts),
    ...facts.directories.map(spaceFinding),
    ...networkFindings(facts),
    ...recordFindings(facts),
    leftoverFinding(facts),
    ...cgroupFindings(facts),
  ];
}

function storageFinding({ storage }: EngineFacts): HostFinding {
  const name = "storage driver";
  if ("problem" in storage) {
    const { problem, fix } = storage;
    const about = { name, seen: problem, effect: "no container of an image can be made" };
    return lacking("missing", { ...about, ...(fix !== undefined && { fix }) });
  }
  const seen = storageText(storage);
  switch (storage.Driver) {
    case "overlay2":
      return fine(name, seen);
    case "fuse-overlayfs":
      return lacking("warning", { name, seen, effect: "a program carries out each call on files", fix: OVERLAY_FIX });
    case "vfs":
      return lacking("warning", {
        name,
        seen,
        effect: "each container copies the whole of its image, and --storage-opt size= is refused",
        fix: `${OVERLAY_FIX}; else install fuse-overlayfs`,
      });
  }
}

const OVERLAY_FIX =
  "put --root on ext4, xfs with ftype=1, or btrfs; storage-driver.json there keeps the choice until removed";

/** "overlay2 on ext4; d_type true, userxattr false; not overlay2: …": drivers of other times are left out. */
function storageText({ Driver, DriverStatus }: StorageInfo): string {
  const values = new Map(DriverStatus);
  const refused = ["overlay2", "fuse-overlayfs"].flatMap((other) => {
    const why = values.get(`Not ${other}`);
    return why === undefined ? [] : [`; not ${other}: ${why}`];
  });
  const facts = `d_type ${values.get("Supports d_type")}, userxattr ${values.get("userxattr")}`;
  return `${Driver} on ${values.get("Backing Filesystem")}; ${facts}${refused.join("")}`;
}

/** What an image and its containers, or the sockets and records of some, take easily. */
const WANTED_BYTES = { state: 1 << 30, "run state": 16 << 20 } as const;
const WANTED_FILES = 10_000;

function spaceFinding({ name, path, freeBytes, freeFiles }: DirectorySpace): HostFinding {
  const files = freeFiles === undefined ? "" : `, ${freeFiles} files`;
  const seen = `${path}: ${humanBinarySize(freeBytes)}${files} free`;
  const isShort = freeBytes < WANTED_BYTES[name] || (freeFiles !== undefined && freeFiles < WANTED_FILES);
  if (!isShort) return fine(name, seen);
  const flag = name === "state" ? "--root" : "--run-root";
  const fix = `mydocker system prune, or another place with ${flag}`;
  return lacking("warning", { name, seen, effect: "images and containers may not fit any more", fix });
}

function networkFindings({
  isRootless,
  network: { firewall, drops, userProgram, problem },
}: EngineFacts): readonly HostFinding[] {
  const name = isRootless ? "way out" : "firewall";
  const program = isRootless ? userProgram : firewall;
  if (program !== undefined) return [fine(name, program), ...drops.map(dropFinding)];
  return [
    lacking("warning", {
      name,
      seen: problem ?? `neither ${isRootless ? "pasta nor slirp4netns" : "nft nor iptables"} is installed`,
      effect: "containers have no network but --network none and --network host",
      ...(problem === undefined && {
        fix: isRootless ? "install one (Debian: passt, slirp4netns)" : "install nftables",
      }),
    }),
  ];
}

function dropFinding({ hook, chain }: EngineFacts["network"]["drops"][number]): HostFinding {
  const what = hook === "forward" ? "what goes to and from containers" : "what containers ask the name server";
  return lacking("warning", {
    name: "firewall",
    seen: chain,
    effect: `this chain of another program may drop ${what}`,
    fix: "have that chain accept what comes from and goes to the bridges of networks; network explain NAME has them",
  });
}

function recordFindings({ unreadable }: EngineFacts): readonly HostFinding[] {
  if (unreadable.length === 0) return [fine("records", "all readable")];
  return unreadable.map((seen) =>
    lacking("warning", {
      name: "records",
      seen,
      effect: "what it is of is left out of lists, and cannot be used or removed by its name",
      fix: "put the file back from a copy, or remove it and run: mydocker system recover",
    }),
  );
}

function leftoverFinding({ leftovers: { unfinished, unrecorded, networks, sessions } }: EngineFacts): HostFinding {
  const kinds = [
    [unfinished, "ended unnoticed"],
    [unrecorded, "were never finished"],
    [networks, "have ended and left a network"],
    [sessions, "programs of exec without their monitor"],
  ] as const;
  const found = kinds.filter(([ids]) => ids.length > 0);
  if (found.length === 0) return fine("leftovers", "none");
  return lacking("warning", {
    name: "leftovers",
    seen: found.map(([ids, what]) => `${what}: ${ids.map((id) => id.slice(0, 12)).join(", ")}`).join("; "),
    effect: "their mounts, addresses, ports and space are taken",
    fix: "mydocker system recover",
  });
}

function cgroupFindings({ emptyCgroups }: EngineFacts): readonly HostFinding[] {
  const [first] = emptyCgroups;
  if (first === undefined) return [];
  const seen = `empty, and of no container of this --root: ${first}${emptyCgroups.length > 1 ? `, and ${emptyCgroups.length - 1} more` : ""}`;
  const effect = "each takes some memory of the kernel's";
  return [lacking("warning", { name: "cgroups", seen, effect, fix: `where no other --root has them: rmdir ${first}` })];
}
