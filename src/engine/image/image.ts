/** The id of an image: "sha256:" and the digest of its config. */
export type ImageId = `sha256:${string}`;

/** "sha256:" and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`;

/** How a container of the image runs. Source: image-spec config.md, and docker's additions (healthcheck, shell, onbuild). */
export interface ImageRunConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, unknown>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: Readonly<Record<string, unknown>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly Shell?: readonly string[];
  readonly Healthcheck?: ImageHealthcheck;
  readonly OnBuild?: readonly string[];
  readonly ArgsEscaped?: boolean;
}

/** Times are in nanoseconds. Source: docker's image spec v1.2. */
export interface ImageHealthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface ImageHistory {
  readonly created?: string;
  readonly author?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** What an image's config says; members that are not here survive in the blob. Source: image-spec config.md. */
export interface OciImageConfig {
  /** RFC 3339. */
  readonly created?: string;
  readonly author?: string;
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly config?: ImageRunConfig;
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly Digest[] };
  readonly history?: readonly ImageHistory[];
}

/** A blob that a manifest names. Source: image-spec descriptor.md. */
export interface OciDescriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly architecture: string; readonly os: string; readonly variant?: string };
}

/** An image of the store. */
export interface Image {
  readonly id: ImageId;
  /** That of its manifest. */
  readonly digest: Digest;
  readonly config: OciImageConfig;
  /** As the manifest names them, the lowest first, one for each of config.rootfs.diff_ids. */
  readonly layers: readonly OciDescriptor[];
  /** In the short form: "busybox:latest". */
  readonly repoTags: readonly string[];
}
