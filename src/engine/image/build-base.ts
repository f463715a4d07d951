import { chmodSync, mkdtempSync } from "node:fs";
import { arch } from "node:process";
import { removeTree } from "../../sys/tree.ts";
import { packTree } from "../archive/tree-packer.ts";
import { makeStore } from "../base/json-store.ts";
import type { EnginePaths } from "../base/paths.ts";
import { fullReference, parseTagged } from "../base/reference.ts";
import type { ImageId } from "./image.ts";
import { ImageDraft } from "./image-draft.ts";
import { makeRootfs } from "./make-rootfs.ts";
import { ociArchitecture } from "./platform.ts";

export const BASE_NAME = "base";
export const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface BuiltBase {
  readonly id: ImageId;
  /** In words. */
  readonly madeFrom: string;
}

/** Makes an image from this machine's busybox or, without one, its shell and common tools. */
export async function buildBase(paths: EnginePaths, name = BASE_NAME): Promise<BuiltBase> {
  const reference = fullReference(parseTagged(name));
  makeStore(paths.root);
  const directory = mkdtempSync(`${paths.root}/.base-`);
  const draft = new ImageDraft(paths);
  try {
    chmodSync(directory, 0o755);
    const madeFrom = makeRootfs(directory);
    await draft.addPacked((sink) => packTree(directory, sink, PACK_OPTIONS), "gzip");
    const created = new Date().toISOString();
    const id = await draft.publish(
      {
        created,
        architecture: ociArchitecture(arch),
        os: "linux",
        config: { Env: [DEFAULT_PATH], Cmd: ["sh"] },
        history: [{ created, created_by: "mydocker image build-base", comment: `from ${madeFrom}` }],
      },
      [reference],
    );
    return { id, madeFrom };
  } finally {
    draft.close();
    removeTree(directory);
  }
}

const PACK_OPTIONS = { isLayer: false, owner: { uid: 0, gid: 0 } };
