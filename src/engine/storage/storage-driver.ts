/** How the layers of a container become one directory. */
export const STORAGE_DRIVERS = ["overlay2", "fuse-overlayfs", "vfs"] as const;
export type StorageDriver = (typeof STORAGE_DRIVERS)[number];

/** The member GraphDriver of `inspect`, with docker's keys. */
export interface GraphDriver {
  readonly Name: StorageDriver;
  readonly Data: Readonly<Record<string, string>>;
}
