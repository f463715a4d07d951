/** The acts of commands/image-commands.ts. */
export const IMAGE_ACTS = {
  images: () => import("./images.ts"),
  rmi: () => import("./rmi.ts"),
  tag: () => import("./tag.ts"),
  history: () => import("./history.ts"),
  "image inspect": () => import("./image-inspect.ts"),
  "image prune": () => import("./image-prune.ts"),
  "image build-base": () => import("./image-build-base.ts"),
  commit: () => import("./commit.ts"),
  import: () => import("./import.ts"),
  export: () => import("./export.ts"),
  save: () => import("./save.ts"),
  load: () => import("./load.ts"),
} as const;
