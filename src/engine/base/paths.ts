/** Where this engine keeps things. Every path is absolute, without a final slash. */
export interface EnginePaths {
  /** What outlives a boot: images, layers, containers, volumes, networks. */
  readonly root: string;
  /** What does not: sockets, the runtime's state, network namespaces. */
  readonly run: string;
  /** An OCI image layout: oci-layout, index.json, blobs/sha256. */
  readonly image: string;
  /** The directories of layers and containers, named and laid out as docker's driver of this name does. */
  readonly overlay2: string;
  /** The copies that containers of the driver "vfs" work on. */
  readonly vfs: string;
  /** One record a chain of layers: which directory has it. */
  readonly layers: string;
  /** One record a container: which layers it has. */
  readonly mounts: string;
  readonly containers: string;
  readonly volumes: string;
  readonly networks: string;
  /** One file an object that is locked. */
  readonly locks: string;
  /** The state root of the runtime. */
  readonly runtime: string;
  /** Sockets and other files of running containers, by id. */
  readonly runContainers: string;
  /** What belongs to each program that `exec` runs on a terminal. */
  readonly execSessions: string;
  /** Network namespaces, by container id. */
  readonly netns: string;
}

/** What decides where things are. */
export interface PathsInput {
  readonly effectiveUid: number;
  /** A variable of the environment; empty counts as unset. */
  readonly env: (name: string) => string | undefined;
  /** --root and --run-root, absolute. */
  readonly root?: string | undefined;
  readonly runRoot?: string | undefined;
}

/**
 * The directories for root, or below the XDG base directories for ordinary users, whose state is in /tmp where there is
 * no $XDG_RUNTIME_DIR. Source: XDG Base Directory Specification 0.8.
 */
export function enginePaths(input: PathsInput): EnginePaths {
  const root = input.root ?? defaultRoot(input);
  const run = input.runRoot ?? defaultRun(input);
  return {
    root,
    run,
    image: `${root}/image`,
    overlay2: `${root}/overlay2`,
    vfs: `${root}/vfs`,
    layers: `${root}/layers`,
    mounts: `${root}/mounts`,
    containers: `${root}/containers`,
    volumes: `${root}/volumes`,
    networks: `${root}/networks`,
    locks: `${root}/locks`,
    runtime: `${run}/runtime`,
    runContainers: `${run}/containers`,
    execSessions: `${run}/exec`,
    netns: `${run}/netns`,
  };
}

function defaultRoot({ effectiveUid, env }: PathsInput): string {
  if (effectiveUid === 0) return "/var/lib/mydocker";
  return `${env("XDG_DATA_HOME") || `${env("HOME") || "/tmp"}/.local/share`}/mydocker`;
}

/** Root's directory of what does not outlive a boot, unless --run-root says otherwise. */
export const DEFAULT_RUN = "/run/mydocker";

function defaultRun({ effectiveUid, env }: PathsInput): string {
  if (effectiveUid === 0) return DEFAULT_RUN;
  return `${env("XDG_RUNTIME_DIR") || `/tmp/mydocker-run-${effectiveUid}`}/mydocker`;
}

/** Who holds the user namespace that all of an ordinary user's commands share. Source: native/enter_user.c. */
export function holderFile({ run }: EnginePaths): string {
  return `${run}/namespaces`;
}

/** Locked by whoever needs these namespaces; root has none. */
export function namespaceUsersFile(paths: EnginePaths): string {
  return `${holderFile(paths)}.users`;
}
