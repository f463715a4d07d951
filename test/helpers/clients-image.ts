import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";
import { makeRootfs } from "../../src/tools/make-rootfs.ts";

export const IMAGE = "localhost/mdr-box:latest";

/** Go's names, which images use. */
const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * Makes the image of the client tests from this machine's busybox, in a directory that must be empty: an archive as
 * `docker save` writes it, which every client can load. Returns its path. Source: the image specification of docker, v1.2.
 */
export function makeImageArchive(directory: string): string {
  const [rootfs, image] = [join(directory, "rootfs"), join(directory, "image")];
  makeRootfs(rootfs);
  mkdirSync(image);
  pack(rootfs, join(image, "layer.tar"), ["."]);
  const layer = createHash("sha256")
    .update(readFileSync(join(image, "layer.tar")))
    .digest("hex");
  writeFileSync(join(image, "config.json"), JSON.stringify(imageConfig(layer)));
  const manifest = [{ Config: "config.json", RepoTags: [IMAGE], Layers: ["layer.tar"] }];
  writeFileSync(join(image, "manifest.json"), JSON.stringify(manifest));
  const archive = join(directory, "image.tar");
  pack(image, archive, ["manifest.json", "config.json", "layer.tar"]);
  return archive;
}

function imageConfig(layer: string): object {
  return {
    architecture: GO_ARCHITECTURES[arch()] ?? arch(),
    os: "linux",
    created: "2000-01-01T00:00:00Z",
    config: { Env: ["PATH=/bin", "FROM_IMAGE=yes"], Cmd: ["sleep", "1000000"], WorkingDir: "/root" },
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
    history: [{ created: "2000-01-01T00:00:00Z", created_by: "busybox of this machine" }],
  };
}

function pack(from: string, archive: string, names: readonly string[]): void {
  const { status, stderr } = spawnSync("tar", ["-C", from, "-cf", archive, ...names], { encoding: "utf8" });
  if (status !== 0) throw new Error(`cannot pack ${archive}: ${stderr}`);
}
