import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageTest } from "../helpers/image-store.ts";
import { needsProgram } from "../helpers/needs.ts";

imageTest(
  "save and load keep the id, and skopeo and umoci read both forms",
  [needsProgram("skopeo"), needsProgram("umoci")],
  async (store) => {
    const id = (await store.ok("image", "build-base", "demo/app:1")).trim();
    const saved = join(store.scratch, "saved.tar");
    const oci = join(store.scratch, "oci.tar");
    await store.ok("save", "-o", saved, "demo/app:1");
    await store.ok("save", "--format", "oci-archive", "-o", oci, "demo/app:1");
    assert.match(await store.must("skopeo", "inspect", `docker-archive:${saved}`), /"Architecture"/);
    await store.must("skopeo", "copy", "-q", `oci-archive:${oci}`, `oci:${join(store.scratch, "layout")}:app`);
    const bundle = join(store.scratch, `bundle-${Date.now()}`);
    await store.must("umoci", "unpack", "--image", `${join(store.scratch, "layout")}:app`, bundle);
    assert.ok(statSync(join(bundle, "rootfs/bin/busybox")).size > 0);
    const digest = JSON.parse(
      await store.must("skopeo", "inspect", `oci:${store.root}/image:docker.io/demo/app:1`),
    ).Digest;
    assert.match(await store.ok("images", "--digests", "--format", "{{.Digest}}"), new RegExp(digest));
    for (const archive of [saved, oci]) {
      store.renew();
      assert.equal(await store.ok("load", "-i", archive), "Loaded image: demo/app:1\n");
      assert.equal((await store.ok("images", "-q", "--no-trunc")).trim(), id);
      store.assertTidy();
    }
    await store.must(
      "skopeo",
      "copy",
      "-q",
      `docker-archive:${saved}`,
      `docker-archive:${join(store.scratch, "skopeo.tar")}:x/y:2`,
    );
    await store.must("umoci", "repack", "--image", `${join(store.scratch, "layout")}:more`, bundle);
    await store.must(
      "skopeo",
      "copy",
      "-q",
      `oci:${join(store.scratch, "layout")}:more`,
      `oci-archive:${join(store.scratch, "umoci.tar")}:z/w:3`,
    );
    assert.equal(await store.ok("load", "-i", join(store.scratch, "skopeo.tar")), "Loaded image: x/y:2\n");
    assert.equal(await store.ok("load", "-i", join(store.scratch, "umoci.tar")), "Loaded image: z/w:3\n");
  },
);

imageTest(
  "podman reads what save writes, and load reads what podman writes",
  [needsProgram("podman")],
  async (store) => {
    const id = (await store.ok("image", "build-base", "demo/app:1")).trim().replace("sha256:", "");
    const saved = join(store.scratch, "podman-in.tar");
    await store.ok("save", "-o", saved, "demo/app:1");
    const scratch = mkdtempSync(join(store.scratch, "podman-"));
    const podman = [
      "podman",
      "--root",
      join(scratch, "root"),
      "--runroot",
      join(scratch, "run"),
      "--storage-driver",
      "vfs",
    ];
    await store.must(...podman, "load", "-q", "-i", saved);
    assert.equal((await store.must(...podman, "images", "-q", "--no-trunc")).trim(), `sha256:${id}`);
    for (const format of ["docker-archive", "oci-archive"]) {
      const file = join(scratch, format);
      await store.must(...podman, "save", "-q", "--format", format, "-o", file, "demo/app:1");
      store.renew();
      assert.equal(await store.ok("load", "-i", file), "Loaded image: demo/app:1\n");
      assert.equal((await store.ok("images", "-q", "--no-trunc")).trim(), `sha256:${id}`);
    }
  },
);

/** Puts an OCI layout's one manifest below two indexes, beside one for another machine whose blobs are not there. */
function nestManifest(layout: string): void {
  const file = join(layout, "index.json");
  const index = JSON.parse(readFileSync(file, "utf8"));
  const [{ annotations, ...manifest }] = index.manifests;
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const others = { ...manifest, digest: `sha256:${"0".repeat(64)}`, platform: { os: "linux", architecture: "s390x" } };
  let manifests = [others, manifest];
  for (let depth = 0; depth < 2; depth++) {
    const text = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
    const digest = createHash("sha256").update(text).digest("hex");
    writeFileSync(join(layout, "blobs/sha256", digest), text);
    manifests = [{ mediaType, digest: `sha256:${digest}`, size: text.length }];
  }
  writeFileSync(file, JSON.stringify({ ...index, manifests: manifests.map((one) => ({ ...one, annotations })) }));
}

imageTest(
  "load reads directories: layouts with nested indexes and zstd:chunked, and what skopeo's dir: writes",
  [needsProgram("skopeo")],
  async (store) => {
    const id = (await store.ok("image", "build-base", "demo/app:1")).trim();
    const saved = join(store.scratch, "saved.tar");
    await store.ok("save", "--format", "oci-archive", "-o", saved, "demo/app:1");
    const at = (name: string) => join(store.scratch, name);
    const copy = (to: string, ...flags: readonly string[]) =>
      store.must("skopeo", "copy", "-q", ...flags, `oci-archive:${saved}`, to);
    await copy(`oci:${at("nested")}:demo/nested:1`);
    nestManifest(at("nested"));
    await copy(`oci:${at("chunked")}:demo/chunked:1`, "--dest-compress", "--dest-compress-format", "zstd:chunked");
    await copy(`dir:${at("bare")}`, "--format", "v2s2");
    for (const [directory, shown] of [
      ["nested", /^Loaded image: demo\/nested:1\n$/],
      ["chunked", /^Loaded image: demo\/chunked:1\n$/],
      ["bare", new RegExp(`^Loaded image ID: ${id}\\n$`)],
    ] as const) {
      store.renew();
      assert.match(await store.ok("load", "-i", at(directory)), shown);
      const [loaded = ""] = (await store.ok("images", "-q", "--no-trunc")).split("\n");
      assert.equal(await store.ok("run", "--rm", "--network", "none", loaded, "echo", "runs"), "runs\n", directory);
    }
    rmSync(join(at("bare"), id.replace("sha256:", "")));
    assert.match(await store.refusal("load", "-i", at("bare")), /is missing in it/);
  },
);
