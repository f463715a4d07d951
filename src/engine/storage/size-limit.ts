/** What keeps a container's own layer to a size (`--storage-opt size=`). */
export interface SizeLimit {
  readonly bytes: number;
  readonly by: "loop-ext4" | "tmpfs";
}
