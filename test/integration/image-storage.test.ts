import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageTest } from "../helpers/image-store.ts";
import { needsPath, needsProgram } from "../helpers/needs.ts";

imageTest(
  "layers are extracted by the first container, once, also those that skopeo puts into the layout",
  [needsProgram("skopeo")],
  async (store) => {
    await store.ok("image", "build-base");
    assert.equal(existsSync(join(store.root, "layers")), false);
    const names = ["first", "second", "third"];
    await Promise.all(
      names.map((name) => store.ok("create", "--name", name, "--network", "none", "base", "cat", "/new")),
    );
    assert.equal(readdirSync(join(store.root, "layers")).length, 1);
    const [image] = JSON.parse(await store.ok("image", "inspect", "base"));
    assert.ok(statSync(image.GraphDriver.Data.UpperDir).isDirectory());
    writeFileSync(join(store.scratch, "new"), "new");
    await store.ok("cp", join(store.scratch, "new"), "first:/");
    await store.ok("commit", "first", "changed");
    // The layer below is there, and is not what the image's files are in.
    const [changed] = JSON.parse(await store.ok("image", "inspect", "changed"));
    assert.deepEqual(changed.GraphDriver, { Name: "overlay2", Data: {} });
    assert.equal(readdirSync(join(store.root, "layers")).length, 1);
    const saved = join(store.scratch, "changed.tar");
    await store.ok("save", "-o", saved, "changed");
    await store.ok("rm", ...names);
    await store.ok("rmi", "base", "changed");
    store.assertTidy();
    await store.must("skopeo", "copy", "-q", `docker-archive:${saved}`, `oci:${store.root}/image:by-skopeo:1`);
    assert.equal(await store.ok("run", "--rm", "--network", "none", "by-skopeo:1", "cat", "/new"), "new");
    assert.equal(readdirSync(join(store.root, "layers")).length, 2);
    await store.ok("rmi", "by-skopeo:1");
    store.assertTidy();
    assert.deepEqual(
      readdirSync(join(store.root, "locks")).filter((name) => /^container|extract/.test(name)),
      [],
    );
  },
);

imageTest("commit keeps what changed as one layer, with whiteouts, on the image's config", [], async (store) => {
  await store.ok("image", "build-base");
  const script = "echo new > /new; rm /bin/wget; rm -r /home; mkdir /home; echo in > /home/in";
  await store.ok("run", "--name", "work", "--network", "none", "-e", "KEPT=1", "base", "sh", "-c", script);
  await store.ok("commit", "-a", "me", "-m", "why", "-c", 'CMD ["sh"]', "work", "made:1");
  const [image] = JSON.parse(await store.ok("image", "inspect", "made:1"));
  assert.equal(image.RootFS.Layers.length, 2);
  assert.ok(image.Config.Env.includes("KEPT=1"));
  assert.deepEqual([image.Author, image.Comment, image.Config.Cmd], ["me", "why", ["sh"]]);
  const look = "cat /new /home/in; ls /bin/wget 2>&1; ls -A /home";
  const seen = await store.ok("run", "--rm", "--network", "none", "made:1", "sh", "-c", `${look}; true`);
  assert.match(seen, /^new\nin\n.*No such file.*\nin\n$/);
  await store.ok("save", "-o", join(store.scratch, "made.tar"), "made:1");
  const exported = join(store.scratch, "export.tar");
  await store.ok("export", "-o", exported, "work");
  const names = execFileSync("tar", ["-tf", exported]).toString();
  assert.match(names, /^home\/in$/m);
  assert.doesNotMatch(names, /bin\/wget|\.wh\./);
  assert.match(await store.refusal("rmi", "base"), /container [0-9a-f]{12} is using its referenced image/);
  await store.ok("rm", "work");
  await store.ok("rmi", "made:1", "base");
  store.assertTidy();
});

for (const driver of ["overlay2", "fuse-overlayfs", "vfs"]) {
  const needs = driver === "fuse-overlayfs" ? [needsProgram("fuse-overlayfs")] : [];
  imageTest(`a container on ${driver} has its changes shown and committed`, needs, async (store) => {
    await store.ok("image", "build-base");
    const env = { MYDOCKER_STORAGE_DRIVER: driver };
    const script = "echo new > /new; rm /bin/wget; mkdir -p /var/a/b";
    const ran = await store.call(["run", "--name", "work", "--network", "none", "base", "sh", "-c", script], { env });
    assert.equal(ran.status, 0, ran.stderr);
    assert.equal(JSON.parse(await store.ok("inspect", "work"))[0].GraphDriver.Name, driver);
    await store.ok("commit", "work", "made:1");
    const seen = await store.ok(
      "run",
      "--rm",
      "--network",
      "none",
      "made:1",
      "sh",
      "-c",
      "cat /new; ls /var/a; test -e /bin/wget || echo gone",
    );
    assert.equal(seen, "new\nb\ngone\n");
    await store.ok("rm", "work");
    await store.ok("rmi", "made:1", "base");
    store.assertTidy();
  });
}

imageTest("drivers that are no more are refused with their replacement", [], async (store) => {
  await store.ok("image", "build-base");
  for (const driver of ["aufs", "devicemapper"]) {
    const { status, stderr } = await store.call(["create", "base"], { env: { MYDOCKER_STORAGE_DRIVER: driver } });
    assert.equal(status, 125);
    assert.match(stderr, new RegExp(`storage driver "${driver}".*overlay2`));
  }
  assert.match(await store.ok("info"), /Storage Driver: .*\n[\s\S]*Not aufs: [\s\S]*Not devicemapper: /);
});

imageTest(
  "on a filesystem without d_type overlay2 is refused with that reason, and what another driver deletes is not listed",
  [needsProgram("mkfs.ext4"), needsProgram("fuse-overlayfs"), needsPath("/dev/loop-control")],
  async (store) => {
    assert.match(await store.ok("info"), /^ Supports d_type: true$/m);
    const file = join(store.scratch, "filesystem");
    writeFileSync(file, "");
    truncateSync(file, 64 << 20);
    await store.must("mkfs.ext4", "-q", "-O", "^filetype", file);
    store.renew();
    await store.must("mount", "-o", "loop", file, store.root);
    try {
      const info = await store.ok("info");
      assert.match(info, /^Storage Driver: fuse-overlayfs\n Backing Filesystem: ext4\n Supports d_type: false$/m);
      assert.match(info, /^ Not overlay2: the filesystem of .* has no d_type: .*ftype=1/m);
      await store.ok("image", "build-base");
      const asked = await store.call(["create", "base"], { env: { MYDOCKER_STORAGE_DRIVER: "overlay2" } });
      assert.equal(asked.status, 125);
      assert.match(asked.stderr, /Cannot use the storage driver "overlay2": the filesystem of .* has no d_type/);
      const script = "rm /etc/passwd; echo /etc/*";
      const seen = await store.ok("run", "--rm", "--network", "none", "base", "sh", "-c", script);
      assert.match(seen, /group/);
      assert.doesNotMatch(seen, /passwd/);
    } finally {
      await store.must("umount", store.root);
    }
  },
);

imageTest("a container on 140 layers runs", [needsProgram("skopeo"), needsProgram("umoci")], async (store) => {
  await store.ok("image", "build-base", "deep:0");
  const layers: string[] = [];
  const layout = join(store.scratch, "deep");
  await store.must("skopeo", "copy", "-q", `oci:${store.root}/image:docker.io/library/deep:0`, `oci:${layout}:deep`);
  for (let index = 1; index < 140; index++) {
    const tree = join(store.scratch, `deep-${index}`);
    mkdirSync(tree);
    writeFileSync(join(tree, `f${index}`), String(index));
    layers.push(tree);
  }
  for (const tree of layers) await store.must("umoci", "insert", "--image", `${layout}:deep`, tree, "/layers");
  await store.must(
    "skopeo",
    "copy",
    "-q",
    `oci:${layout}:deep`,
    `oci-archive:${join(store.scratch, "deep.tar")}:deep:140`,
  );
  await store.ok("load", "-i", join(store.scratch, "deep.tar"));
  assert.equal(
    (await store.ok("run", "--rm", "--network", "none", "deep:140", "sh", "-c", "ls /layers | wc -l")).trim(),
    "139",
  );
});
