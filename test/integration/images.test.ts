import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { type Need, needsProgram, needsRoot } from "../helpers/needs.ts";
import { type ProgramOptions, type ProgramResult, RunningProgram } from "../helpers/run-program.ts";
import { TIME_SCALE } from "../helpers/time-scale.ts";

const MYDOCKER = join(PROJECT_ROOT, "dist/mydocker");
const timeout = 300_000 * TIME_SCALE;

function skip(...needs: readonly Need[]): string | false {
  return [needsRoot, ...needs].map((need) => need()).find((reason) => reason !== undefined) ?? false;
}

describe("images", { skip: skip() }, () => {
  let scratch = "";
  let root = "";

  before(() => {
    scratch = mkdtempSync(join(tmpdir(), "images-test-"));
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  function argv(...words: readonly string[]): readonly string[] {
    return [MYDOCKER, "--root", root, "--run-root", join(scratch, "run"), ...words];
  }

  function run(program: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
    return new RunningProgram(scratch, program, { timeoutMs: timeout, cwd: scratch, ...options }).ended;
  }

  async function mydocker(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await run(argv(...words));
    assert.equal(status, 0, `${words.join(" ")}: ${stderr}`);
    return stdout;
  }

  async function refusal(...words: readonly string[]): Promise<string> {
    const { status, stderr } = await run(argv(...words));
    assert.notEqual(status, 0, words.join(" "));
    return stderr;
  }

  async function must(...program: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await run(program, { env: { HOME: scratch } });
    assert.equal(status, 0, `${program.join(" ")}: ${stderr}`);
    return stdout;
  }

  function freshStore(): void {
    root = mkdtempSync(join(scratch, "root-"));
  }

  /** Nothing is in the store but what its records name. */
  function assertTidy(): void {
    assert.deepEqual(readdirSync(join(root, "image/ingest")), []);
    const records = existsSync(join(root, "layers")) ? readdirSync(join(root, "layers")) : [];
    const layers = records.map((file) => {
      const record: unknown = JSON.parse(readFileSync(join(root, "layers", file), "utf8"));
      assert.ok(typeof record === "object" && record !== null && "cacheId" in record);
      return record.cacheId;
    });
    const entries = existsSync(join(root, "overlay2")) ? readdirSync(join(root, "overlay2")) : [];
    assert.deepEqual(entries.filter((name) => name !== "l").sort(), layers.sort());
    if (entries.includes("l")) assert.equal(readdirSync(join(root, "overlay2/l")).length, layers.length);
  }

  it("build-base makes an image that is listed, named, inspected and removed", { timeout }, async () => {
    freshStore();
    const id = (await mydocker("image", "build-base")).trim();
    assert.match(id, /^sha256:[0-9a-f]{64}$/);
    assert.match(await mydocker("images"), /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\nbase +latest +[0-9a-f]{12} /);
    await mydocker("tag", "base", "registry.example:5000/a/web:1.0");
    assert.equal(
      await mydocker("images", "--format", "{{.Repository}}:{{.Tag}}", "registry.example:5000/*/*"),
      "registry.example:5000/a/web:1.0\n",
    );
    const [image] = JSON.parse(await mydocker("image", "inspect", "base"));
    assert.deepEqual(image.RepoTags, ["base:latest", "registry.example:5000/a/web:1.0"]);
    assert.deepEqual(image.Config.Cmd, ["sh"]);
    assert.match(await refusal("rmi", id), /must be forced.*multiple repositories/);
    assert.equal(await mydocker("rmi", "base"), "Untagged: base:latest\n");
    const gone = await mydocker("rmi", "registry.example:5000/a/web:1.0");
    assert.match(gone, new RegExp(`^Untagged: .*\nDeleted: ${id}\n`));
    assert.match(await refusal("image", "inspect", "base"), /No such image: base:latest/);
    assertTidy();
    assert.deepEqual(readdirSync(join(root, "image/blobs/sha256")), []);
  });

  it("import takes a directory, a compressed archive and standard input, with changes", { timeout }, async () => {
    freshStore();
    const tree = join(scratch, "tree");
    mkdirSync(join(tree, "etc"), { recursive: true });
    writeFileSync(join(tree, "etc/name"), "value");
    const archive = join(scratch, "tree.tar");
    execFileSync("tar", ["-cf", archive, "-C", tree, "."]);
    for (const program of ["gzip", "xz", "zstd", "bzip2"]) execFileSync(program, ["-kf", "-q", archive]);
    await mydocker(
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
      await mydocker("import", `${archive}${suffix}`, `a:t${suffix}`);
    const bytes = execFileSync("sh", ["-c", `${argv("import", "-").join(" ")} < ${archive}`]);
    assert.match(bytes.toString(), /^sha256:/);
    const [image] = JSON.parse(await mydocker("image", "inspect", "dir:1"));
    assert.deepEqual(
      [image.Architecture, image.Config.Cmd, image.Config.Env, image.Comment],
      ["arm64", ["x"], ["A=1"], "note"],
    );
    const ids = JSON.parse(`[${(await mydocker("images", "--format", "json")).trim().split("\n").join(",")}]`);
    assert.equal(ids.length, 7);
    // The archive is the same each time: so is its layer. The directory's is extracted by its first container.
    assert.equal(readdirSync(join(root, "layers")).length, 1);
    assert.match(await refusal("import", join(scratch, "none.tar")), /does not exist|no such file/);
    assert.match(await refusal("import", "--max-size", "3", archive), /it holds more than 3 bytes/);
    assertTidy();
  });

  it("a hostile archive is refused, and nothing of it is left", { timeout }, async () => {
    freshStore();
    const tree = join(scratch, "hostile");
    mkdirSync(tree, { recursive: true });
    writeFileSync(join(tree, "f"), "x");
    const archive = join(scratch, "hostile.tar");
    for (const transform of ["s,^f,../f,", "s,^f,/tmp/mydocker-hostile,", "s,^f,a/../../f,"]) {
      execFileSync("tar", ["-P", "--transform", transform, "-cf", archive, "-C", tree, "f"]);
      assert.match(await refusal("import", archive), /its name (has "\.\."|is absolute)/);
    }
    writeFileSync(archive, "no archive at all".repeat(100));
    assert.match(await refusal("import", archive), /no tar archive/);
    await mydocker("image", "prune", "-f");
    assertTidy();
  });

  it("layers are extracted by the first container, once, also those that skopeo puts into the layout", {
    timeout,
    skip: skip(needsProgram("skopeo")),
  }, async () => {
    freshStore();
    await mydocker("image", "build-base");
    assert.equal(existsSync(join(root, "layers")), false);
    const names = ["first", "second", "third"];
    await Promise.all(
      names.map((name) => mydocker("create", "--name", name, "--network", "none", "base", "cat", "/new")),
    );
    assert.equal(readdirSync(join(root, "layers")).length, 1);
    const [image] = JSON.parse(await mydocker("image", "inspect", "base"));
    assert.ok(statSync(image.GraphDriver.Data.UpperDir).isDirectory());
    writeFileSync(join(scratch, "new"), "new");
    await mydocker("cp", join(scratch, "new"), "first:/");
    await mydocker("commit", "first", "changed");
    assert.equal(readdirSync(join(root, "layers")).length, 1);
    const saved = join(scratch, "changed.tar");
    await mydocker("save", "-o", saved, "changed");
    await mydocker("rm", ...names);
    await mydocker("rmi", "base", "changed");
    assertTidy();
    await must("skopeo", "copy", "-q", `docker-archive:${saved}`, `oci:${root}/image:by-skopeo:1`);
    assert.equal(await mydocker("run", "--rm", "--network", "none", "by-skopeo:1", "cat", "/new"), "new");
    assert.equal(readdirSync(join(root, "layers")).length, 2);
    await mydocker("rmi", "by-skopeo:1");
    assertTidy();
    assert.deepEqual(
      readdirSync(join(root, "locks")).filter((name) => /^container|extract/.test(name)),
      [],
    );
  });

  it("save and load keep the id, and skopeo and umoci read both forms", {
    timeout,
    skip: skip(needsProgram("skopeo"), needsProgram("umoci")),
  }, async () => {
    freshStore();
    const id = (await mydocker("image", "build-base", "demo/app:1")).trim();
    const saved = join(scratch, "saved.tar");
    const oci = join(scratch, "oci.tar");
    await mydocker("save", "-o", saved, "demo/app:1");
    await mydocker("save", "--format", "oci-archive", "-o", oci, "demo/app:1");
    assert.match(await must("skopeo", "inspect", `docker-archive:${saved}`), /"Architecture"/);
    await must("skopeo", "copy", "-q", `oci-archive:${oci}`, `oci:${join(scratch, "layout")}:app`);
    const bundle = join(scratch, `bundle-${Date.now()}`);
    await must("umoci", "unpack", "--image", `${join(scratch, "layout")}:app`, bundle);
    assert.ok(statSync(join(bundle, "rootfs/bin/busybox")).size > 0);
    const digest = JSON.parse(await must("skopeo", "inspect", `oci:${root}/image:docker.io/demo/app:1`)).Digest;
    assert.match(await mydocker("images", "--digests", "--format", "{{.Digest}}"), new RegExp(digest));
    for (const archive of [saved, oci]) {
      freshStore();
      assert.equal(await mydocker("load", "-i", archive), "Loaded image: demo/app:1\n");
      assert.equal((await mydocker("images", "-q", "--no-trunc")).trim(), id);
      assertTidy();
    }
    await must(
      "skopeo",
      "copy",
      "-q",
      `docker-archive:${saved}`,
      `docker-archive:${join(scratch, "skopeo.tar")}:x/y:2`,
    );
    await must("umoci", "repack", "--image", `${join(scratch, "layout")}:more`, bundle);
    await must(
      "skopeo",
      "copy",
      "-q",
      `oci:${join(scratch, "layout")}:more`,
      `oci-archive:${join(scratch, "umoci.tar")}:z/w:3`,
    );
    assert.equal(await mydocker("load", "-i", join(scratch, "skopeo.tar")), "Loaded image: x/y:2\n");
    assert.equal(await mydocker("load", "-i", join(scratch, "umoci.tar")), "Loaded image: z/w:3\n");
  });

  it("podman reads what save writes, and load reads what podman writes", {
    timeout,
    skip: skip(needsProgram("podman")),
  }, async () => {
    freshStore();
    const id = (await mydocker("image", "build-base", "demo/app:1")).trim().replace("sha256:", "");
    const saved = join(scratch, "podman-in.tar");
    await mydocker("save", "-o", saved, "demo/app:1");
    const store = mkdtempSync(join(scratch, "podman-"));
    const podman = [
      "podman",
      "--root",
      join(store, "root"),
      "--runroot",
      join(store, "run"),
      "--storage-driver",
      "vfs",
    ];
    await must(...podman, "load", "-q", "-i", saved);
    assert.equal((await must(...podman, "images", "-q", "--no-trunc")).trim(), `sha256:${id}`);
    for (const format of ["docker-archive", "oci-archive"]) {
      const file = join(store, format);
      await must(...podman, "save", "-q", "--format", format, "-o", file, "demo/app:1");
      freshStore();
      assert.equal(await mydocker("load", "-i", file), "Loaded image: demo/app:1\n");
      assert.equal((await mydocker("images", "-q", "--no-trunc")).trim(), `sha256:${id}`);
    }
  });

  it("a killed import or load loses nothing, and the next leaves nothing of it", { timeout }, async () => {
    freshStore();
    await mydocker("image", "build-base");
    const tree = join(scratch, "many");
    mkdirSync(tree, { recursive: true });
    for (let index = 0; index < 2000; index++) writeFileSync(join(tree, `f${index}`), "x".repeat(index));
    const archive = join(scratch, "many.tar");
    execFileSync("tar", ["-cf", archive, "-C", tree, "."]);
    for (const [delayMs, source] of [20, 60, 120, 200, 300].flatMap((ms) => [
      [ms, archive] as const,
      [ms, tree] as const,
    ])) {
      const [file = "", ...words] = argv("import", source, "many:1");
      const child = spawn(file, words, { stdio: "ignore" });
      const ended = new Promise((resolve) => child.on("exit", resolve));
      await delay(delayMs);
      child.kill("SIGKILL");
      await ended;
      assert.match(await mydocker("images", "-q", "base"), /^[0-9a-f]{12}\n$/);
    }
    await mydocker("image", "prune", "-f");
    assertTidy();
    await mydocker("import", archive, "many:1");
    assertTidy();
  });

  it("parallel commands lose no image, and share a layer that they make at once", { timeout }, async () => {
    freshStore();
    const tree = join(scratch, "shared");
    mkdirSync(tree, { recursive: true });
    writeFileSync(join(tree, "f"), "same");
    const archive = join(scratch, "shared.tar");
    execFileSync("tar", ["-cf", archive, "-C", tree, "."]);
    const numbers = Array.from({ length: 8 }, (_, index) => index);
    await Promise.all(numbers.map((number) => mydocker("import", archive, `p:${number}`)));
    assert.equal((await mydocker("images", "--format", "{{.Tag}}", "p")).trim().split("\n").length, 8);
    assert.equal(readdirSync(join(root, "layers")).length, 1);
    await Promise.all([
      ...numbers.slice(0, 7).map((number) => mydocker("rmi", `p:${number}`)),
      mydocker("import", archive, "q:1"),
      mydocker("image", "prune", "-f"),
    ]);
    assert.deepEqual((await mydocker("images", "--format", "{{.Repository}}:{{.Tag}}")).trim().split("\n").sort(), [
      "p:7",
      "q:1",
    ]);
    assertTidy();
  });

  it("garbage is collected while images are made, and takes nothing of them", { timeout }, async () => {
    freshStore();
    const archive = join(scratch, "shared.tar");
    for (let round = 0; round < 5; round++) {
      await Promise.all([
        ...["a:1", "a:2", "a:3"].map((name) => mydocker("import", archive, name)),
        ...["prune", "prune", "prune"].map((verb) => mydocker("image", verb, "-f")),
      ]);
      assert.equal(
        await mydocker(
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
      await mydocker("rmi", "a:1", "a:2", "a:3");
      assertTidy();
    }
    assert.deepEqual(readdirSync(join(root, "layers")), []);
  });

  it("commit keeps what changed as one layer, with whiteouts, on the image's config", { timeout }, async () => {
    freshStore();
    await mydocker("image", "build-base");
    const script = "echo new > /new; rm /bin/wget; rm -r /home; mkdir /home; echo in > /home/in";
    await mydocker("run", "--name", "work", "--network", "none", "-e", "KEPT=1", "base", "sh", "-c", script);
    await mydocker("commit", "-a", "me", "-m", "why", "-c", 'CMD ["sh"]', "work", "made:1");
    const [image] = JSON.parse(await mydocker("image", "inspect", "made:1"));
    assert.equal(image.RootFS.Layers.length, 2);
    assert.ok(image.Config.Env.includes("KEPT=1"));
    assert.deepEqual([image.Author, image.Comment, image.Config.Cmd], ["me", "why", ["sh"]]);
    const look = "cat /new /home/in; ls /bin/wget 2>&1; ls -A /home";
    const seen = await mydocker("run", "--rm", "--network", "none", "made:1", "sh", "-c", `${look}; true`);
    assert.match(seen, /^new\nin\n.*No such file.*\nin\n$/);
    await mydocker("save", "-o", join(scratch, "made.tar"), "made:1");
    const exported = join(scratch, "export.tar");
    await mydocker("export", "-o", exported, "work");
    const names = execFileSync("tar", ["-tf", exported]).toString();
    assert.match(names, /^home\/in$/m);
    assert.doesNotMatch(names, /bin\/wget|\.wh\./);
    assert.match(await refusal("rmi", "base"), /container [0-9a-f]{12} is using its referenced image/);
    await mydocker("rm", "work");
    await mydocker("rmi", "made:1", "base");
    assertTidy();
  });

  for (const driver of ["overlay2", "fuse-overlayfs", "vfs"]) {
    const needs = driver === "fuse-overlayfs" ? [needsProgram("fuse-overlayfs")] : [];
    it(`a container on ${driver} has its changes shown and committed`, { timeout, skip: skip(...needs) }, async () => {
      freshStore();
      await mydocker("image", "build-base");
      const env = { MYDOCKER_STORAGE_DRIVER: driver };
      const script = "echo new > /new; rm /bin/wget; mkdir -p /var/a/b";
      const ran = await run(argv("run", "--name", "work", "--network", "none", "base", "sh", "-c", script), { env });
      assert.equal(ran.status, 0, ran.stderr);
      assert.equal(JSON.parse(await mydocker("inspect", "work"))[0].GraphDriver.Name, driver);
      await mydocker("commit", "work", "made:1");
      const seen = await mydocker(
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
      await mydocker("rm", "work");
      await mydocker("rmi", "made:1", "base");
      assertTidy();
    });
  }

  it("drivers that are no more are refused with their replacement", { timeout }, async () => {
    freshStore();
    await mydocker("image", "build-base");
    for (const driver of ["aufs", "devicemapper"]) {
      const { status, stderr } = await run(argv("create", "base"), { env: { MYDOCKER_STORAGE_DRIVER: driver } });
      assert.equal(status, 125);
      assert.match(stderr, new RegExp(`storage driver "${driver}".*overlay2`));
    }
    assert.match(await mydocker("info"), /Storage Driver: .*\n[\s\S]*Not aufs: [\s\S]*Not devicemapper: /);
  });

  it("a container on 140 layers runs", { timeout }, async () => {
    freshStore();
    await mydocker("image", "build-base", "deep:0");
    const layers: string[] = [];
    const layout = join(scratch, "deep");
    await must("skopeo", "copy", "-q", `oci:${root}/image:docker.io/library/deep:0`, `oci:${layout}:deep`);
    for (let index = 1; index < 140; index++) {
      const tree = join(scratch, `deep-${index}`);
      mkdirSync(tree);
      writeFileSync(join(tree, `f${index}`), String(index));
      layers.push(tree);
    }
    for (const tree of layers) await must("umoci", "insert", "--image", `${layout}:deep`, tree, "/layers");
    await must("skopeo", "copy", "-q", `oci:${layout}:deep`, `oci-archive:${join(scratch, "deep.tar")}:deep:140`);
    await mydocker("load", "-i", join(scratch, "deep.tar"));
    assert.equal(
      (await mydocker("run", "--rm", "--network", "none", "deep:140", "sh", "-c", "ls /layers | wc -l")).trim(),
      "139",
    );
  });
});
