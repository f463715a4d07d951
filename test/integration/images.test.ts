import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type ImageStore, imageTest } from "../helpers/image-store.ts";

imageTest("build-base makes an image that is listed, named, inspected and removed", [], async (store) => {
  const id = (await store.ok("image", "build-base")).trim();
  assert.match(id, /^sha256:[0-9a-f]{64}$/);
  assert.match(await store.ok("images"), /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\nbase +latest +[0-9a-f]{12} /);
  await store.ok("tag", "base", "registry.example:5000/a/web:1.0");
  assert.equal(
    await store.ok("images", "--format", "{{.Repository}}:{{.Tag}}", "registry.example:5000/*/*"),
    "registry.example:5000/a/web:1.0\n",
  );
  const [image] = JSON.parse(await store.ok("image", "inspect", "base"));
  assert.deepEqual(image.RepoTags, ["base:latest", "registry.example:5000/a/web:1.0"]);
  assert.deepEqual(image.Config.Cmd, ["sh"]);
  assert.match(await store.refusal("rmi", id), /must be forced.*multiple repositories/);
  assert.equal(await store.ok("rmi", "base"), "Untagged: base:latest\n");
  const gone = await store.ok("rmi", "registry.example:5000/a/web:1.0");
  assert.match(gone, new RegExp(`^Untagged: .*\nDeleted: ${id}\n`));
  assert.match(await store.refusal("image", "inspect", "base"), /No such image: base:latest/);
  store.assertTidy();
  assert.deepEqual(readdirSync(join(store.root, "image/blobs/sha256")), []);
});

imageTest("import takes a directory, a compressed archive and standard input, with changes", [], async (store) => {
  const tree = join(store.scratch, "tree");
  mkdirSync(join(tree, "etc"), { recursive: true });
  writeFileSync(join(tree, "etc/name"), "value");
  const archive = join(store.scratch, "tree.tar");
  execFileSync("tar", ["-cf", archive, "-C", tree, "."]);
  for (const program of ["gzip", "xz", "zstd", "bzip2"]) execFileSync(program, ["-kf", "-q", archive]);
  await store.ok(
    "import",
    "-c",
    'CMD ["x"]',
    "-c",
    "ENV A=1",
    "-m",
    "note",
    "--platform",
    "linux/arm64",
    tree,
    "dir:1",
  );
  for (const suffix of ["", ".gz", ".xz", ".zst", ".bz2"])
    await store.ok("import", `${archive}${suffix}`, `a:t${suffix}`);
  const bytes = execFileSync("sh", ["-c", `${store.argv("import", "-").join(" ")} < ${archive}`]);
  assert.match(bytes.toString(), /^sha256:/);
  const [image] = JSON.parse(await store.ok("image", "inspect", "dir:1"));
  assert.deepEqual(
    [image.Architecture, image.Config.Cmd, image.Config.Env, image.Comment],
    ["arm64", ["x"], ["A=1"], "note"],
  );
  const ids = JSON.parse(`[${(await store.ok("images", "--format", "json")).trim().split("\n").join(",")}]`);
  assert.equal(ids.length, 7);
  // The archive is the same each time: so is its layer. The directory's is extracted by its first container.
  assert.equal(readdirSync(join(store.root, "layers")).length, 1);
  assert.match(await store.refusal("import", join(store.scratch, "none.tar")), /does not exist|no such file/);
  assert.match(await store.refusal("import", "--max-size", "3", archive), /it holds more than 3 bytes/);
  store.assertTidy();
});

imageTest("a hostile archive is refused, and nothing of it is left", [], async (store) => {
  const tree = join(store.scratch, "hostile");
  mkdirSync(tree, { recursive: true });
  writeFileSync(join(tree, "f"), "x");
  const archive = join(store.scratch, "hostile.tar");
  for (const transform of ["s,^f,../f,", "s,^f,/tmp/mydocker-hostile,", "s,^f,a/../../f,"]) {
    execFileSync("tar", ["-P", "--transform", transform, "-cf", archive, "-C", tree, "f"]);
    assert.match(await store.refusal("import", archive), /its name (has "\.\."|is absolute)/);
  }
  writeFileSync(archive, "no archive at all".repeat(100));
  assert.match(await store.refusal("import", archive), /no tar archive/);
  await store.ok("image", "prune", "-f");
  store.assertTidy();
});

imageTest("a killed import or load loses nothing, and the next leaves nothing of it", [], async (store) => {
  await store.ok("image", "build-base");
  const tree = join(store.scratch, "many");
  mkdirSync(tree, { recursive: true });
  for (let index = 0; index < 2000; index++) writeFileSync(join(tree, `f${index}`), "x".repeat(index));
  const archive = join(store.scratch, "many.tar");
  execFileSync("tar", ["-cf", archive, "-C", tree, "."]);
  for (const [delayMs, source] of [20, 60, 120, 200, 300].flatMap((ms) => [
    [ms, archive] as const,
    [ms, tree] as const,
  ])) {
    const [file = "", ...words] = store.argv("import", source, "many:1");
    const child = spawn(file, words, { stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    await delay(delayMs);
    child.kill("SIGKILL");
    await ended;
    assert.match(await store.ok("images", "-q", "base"), /^[0-9a-f]{12}\n$/);
  }
  await store.ok("image", "prune", "-f");
  store.assertTidy();
  await store.ok("import", archive, "many:1");
  store.assertTidy();
});

imageTest("parallel commands lose no image, and share a layer that they make at once", [], async (store) => {
  const archive = sharedArchive(store);
  const numbers = Array.from({ length: 8 }, (_, index) => index);
  await Promise.all(numbers.map((number) => store.ok("import", archive, `p:${number}`)));
  assert.equal((await store.ok("images", "--format", "{{.Tag}}", "p")).trim().split("\n").length, 8);
  assert.equal(readdirSync(join(store.root, "layers")).length, 1);
  await Promise.all([
    ...numbers.slice(0, 7).map((number) => store.ok("rmi", `p:${number}`)),
    store.ok("import", archive, "q:1"),
    store.ok("image", "prune", "-f"),
  ]);
  assert.deepEqual((await store.ok("images", "--format", "{{.Repository}}:{{.Tag}}")).trim().split("\n").sort(), [
    "p:7",
    "q:1",
  ]);
  store.assertTidy();
});

imageTest("garbage is collected while images are made, and takes nothing of them", [], async (store) => {
  const archive = sharedArchive(store);
  for (let round = 0; round < 5; round++) {
    await Promise.all([
      ...["a:1", "a:2", "a:3"].map((name) => store.ok("import", archive, name)),
      ...["prune", "prune", "prune"].map((verb) => store.ok("image", verb, "-f")),
    ]);
    assert.equal(
      await store.ok(
        "run",
        "--rm",
        "--network",
        "none",
        "-v",
        "/bin:/bin",
        "-v",
        "/lib:/lib",
        "-v",
        "/lib64:/lib64",
        "a:2",
        "cat",
        "/f",
      ),
      "same",
    );
    await store.ok("rmi", "a:1", "a:2", "a:3");
    store.assertTidy();
  }
  assert.deepEqual(readdirSync(join(store.root, "layers")), []);
});

/** An archive of one file. */
function sharedArchive({ scratch }: ImageStore): string {
  const tree = join(scratch, "shared");
  mkdirSync(tree, { recursive: true });
  writeFileSync(join(tree, "f"), "same");
  const archive = join(scratch, "shared.tar");
  execFileSync("tar", ["-cf", archive, "-C", tree, "."]);
  return archive;
}
