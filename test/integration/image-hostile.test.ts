/** Archives of images that lie: each is refused with a reason, and nothing of it is left. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { END_OF_ARCHIVE, padding, tarHeader } from "../../src/engine/archive/tar-writer.ts";
import { imageTest } from "../helpers/image-store.ts";

const FACTS = { kind: "file", mode: 0o644, uid: 0, gid: 0, seconds: 1, nanoseconds: 0, major: 0, minor: 0 } as const;

function tar(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const parts = Object.entries(files).flatMap(([name, content]) => {
    const body = Buffer.from(content);
    return [tarHeader({ ...FACTS, name, target: "", size: body.length, xattrs: [] }), body, padding(body.length)];
  });
  return Buffer.concat([...parts, END_OF_ARCHIVE]);
}

function digest(bytes: string | Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

const LAYER = tar({ file: "content" });
const GOOD = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [digest(LAYER)] } };

function docker(config: object, layers: readonly string[] = ["layer"], layer = LAYER): Buffer {
  const manifest = [{ Config: "config", RepoTags: ["evil:1"], Layers: layers }];
  return tar({ "manifest.json": JSON.stringify(manifest), config: JSON.stringify(config), layer });
}

function oci(change: { readonly layerSize?: number; readonly configSize?: number; readonly layer?: Buffer }): Buffer {
  const config = JSON.stringify(GOOD);
  const { layerSize = LAYER.length, configSize = config.length, layer = LAYER } = change;
  const type = "application/vnd.oci.image";
  const manifest = JSON.stringify({
    schemaVersion: 2,
    config: { mediaType: `${type}.config.v1+json`, digest: digest(config), size: configSize },
    layers: [{ mediaType: `${type}.layer.v1.tar`, digest: digest(LAYER), size: layerSize }],
  });
  const entry = { mediaType: `${type}.manifest.v1+json`, digest: digest(manifest), size: manifest.length };
  const blob = (text: string | Buffer) => `blobs/sha256/${digest(text).slice(7)}`;
  return tar({
    "oci-layout": '{"imageLayoutVersion":"1.0.0"}',
    "index.json": JSON.stringify({ schemaVersion: 2, manifests: [entry] }),
    [blob(manifest)]: manifest,
    [blob(config)]: config,
    [blob(LAYER)]: layer,
  });
}

const outside = tar({ "../outside": "evil" });

const CASES: Readonly<Record<string, readonly [archive: Buffer, reason: RegExp]>> = {
  "another diff id": [
    docker({ ...GOOD, rootfs: { type: "layers", diff_ids: [`sha256:${"0".repeat(64)}`] } }),
    /its archive has the digest/,
  ],
  "a file outside": [
    docker({ ...GOOD, rootfs: { type: "layers", diff_ids: [digest(outside)] } }, ["layer"], outside),
    /its name has "\.\."/,
  ],
  "more layers than can be stacked": [
    docker({ ...GOOD, rootfs: { type: "layers", diff_ids: Array(501).fill(digest(LAYER)) } }, Array(501).fill("layer")),
    /an image has 501 layers, and no more than 500 can be stacked/,
  ],
  "a variable that is no text": [docker({ ...GOOD, config: { Env: [1] } }), /config in it is not of the form of one/],
  "an architecture that is no text": [docker({ ...GOOD, architecture: {} }), /config in it is not of the form of one/],
  "a history that is none": [docker({ ...GOOD, history: "x" }), /config in it is not of the form of one/],
  "another layer than it names": [oci({ layer: tar({ other: "content" }) }), /has the digest/],
  "another size of a layer": [oci({ layerSize: 5 }), /the layer sha256:[0-9a-f]{64} has \d+ bytes and not 5/],
  "another size of the config": [oci({ configSize: 5 }), /the blob sha256:[0-9a-f]{64} has \d+ bytes and not 5/],
  "more than it may hold": [
    gzipSync(docker(GOOD, ["layer"], Buffer.alloc(40 << 20))),
    /it holds more than 31457280 bytes/,
  ],
};

imageTest("load refuses archives that lie, and keeps nothing of them", [], async (store) => {
  const path = join(store.scratch, "archive.tar");
  for (const [what, [archive, reason]] of Object.entries(CASES)) {
    writeFileSync(path, archive);
    assert.match(await store.refusal("load", "--max-size", "30m", "-i", path), reason, what);
    assert.equal(await store.ok("images", "-aq"), "", what);
    await store.ok("image", "prune", "-f");
    store.assertTidy();
  }
  for (const archive of [docker(GOOD), oci({})]) {
    writeFileSync(path, archive);
    await store.ok("load", "-i", path);
  }
});
