import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { makeRootfs } from "../../src/tools/make-rootfs.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { containerTest } from "../helpers/container-test.ts";
import { runLibraryProgram } from "../helpers/library-program.ts";
import { needsOurs } from "../helpers/needs.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

interface Manifest {
  readonly name: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}

// The project's own, whose fields these are.
const MANIFEST = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8")) as Manifest;
const DOCUMENT = readFileSync(join(PROJECT_ROOT, "docs/library.md"), "utf8");

containerTest(
  "the example of docs/library.md has right types and does what it says, on Node and on Bun",
  async (box) => {
    makeBundles(box);
    const example = installExample(box);
    assertSuccess(await box.program([program("tsc"), "--project", example]));
    for (const engine of [process.execPath, program("bun")]) {
      const result = await box.program([engine, join(example, "example.js")]);
      assertSuccess(result);
      assert.equal(result.stdout, EXPECTED, engine);
    }
  },
  { needs: [needsOurs] },
);

it("npm packs every executable: it leaves out what is a hard link of another", () => {
  const files = MANIFEST.files.filter((file) => file.startsWith("dist/"));
  assert.deepEqual(
    files.filter((file) => statSync(join(PROJECT_ROOT, file)).nlink > 1),
    [],
  );
});

containerTest(
  "runContainer gives the exit status when a poststop hook fails, and warns",
  async (box) => {
    makeBundle(box, "hooked", { args: ["sh", "-c", "exit 7"] });
    const file = box.path("bundles/hooked/config.json");
    const config = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...config, hooks: { poststop: [{ path: "/bin/false" }] } }));
    const bundle = JSON.stringify(box.path("bundles/hooked"));
    const [warning, status] = await runLibraryProgram(
      box,
      `print(await lib.runContainer(context, { id, bundle: ${bundle} }));`,
    );
    assert.match(String(warning), /^error running poststop hook #0: /);
    assert.equal(status, 7);
    await box.assertNoTraces();
  },
  { needs: [needsOurs] },
);

containerTest(
  "a process that makes many containers of one config sees each change of it, and is warned each time",
  async (box) => {
    makeBundle(box, "again", { args: ["sh", "-c", "exit 7"], apparmorProfile: null });
    const file = box.path("bundles/again/config.json");
    const library = join(PROJECT_ROOT, "build/src/runtime/index.js");
    const text = `import { readFileSync, writeFileSync } from "node:fs";
      import { runContainer } from ${JSON.stringify(library)};
      const context = { root: ${JSON.stringify(box.stateRoot)}, warn: (text) => console.log(text) };
      const run = () => runContainer(context, ${JSON.stringify({ id: box.id, bundle: box.path("bundles/again") })});
      for (let life = 0; life < 3; life++) console.log(await run());
      const file = ${JSON.stringify(file)};
      writeFileSync(file, readFileSync(file, "utf8").replace("exit 7", "exit 8"));
      console.log(await run());`;
    const result = await box.program([process.execPath, "--input-type=module", "--eval", text]);
    assertSuccess(result);
    assert.match(result.stdout, /^(.*apparmorProfile.*\n7\n){3}.*apparmorProfile.*\n8\n$/);
    await box.assertNoTraces();
  },
  { needs: [needsOurs] },
);

const EXPECTED = `root.pivot {"config":"/root/path"}
created
exec ended with 3
processes: 1
run ended with 7
CWD_RELATIVE /process/cwd write "/tmp"
true ERR_CONFIG_INVALID
`;

function makeBundles(box: TestBox): void {
  makeBundle(box, "web", { args: ["sleep", "100"] });
  makeBundle(box, "once", { args: ["sh", "-c", "exit 7"] });
  makeBundle(box, "broken", { cwd: "tmp" });
}

function makeBundle(box: TestBox, name: string, changes: object): void {
  const bundle = box.path(`bundles/${name}`);
  mkdirSync(bundle, { recursive: true });
  makeRootfs(join(bundle, "rootfs"));
  const config = { ...box.config, root: { path: "rootfs" }, process: { ...box.config.process, ...changes } };
  writeFileSync(join(bundle, "config.json"), JSON.stringify(config));
}

/** The document's program as the user of a package would have it, with this box's ids and directories. */
function installExample(box: TestBox): string {
  const [, text = ""] = /```ts\n([\s\S]*?)```/.exec(DOCUMENT) ?? [];
  const directory = box.path("example");
  installPackage(join(directory, "node_modules"));
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER_OPTIONS }));
  const own = text
    .replace("/srv/bundles", box.path("bundles"))
    .replace("/run/my-tool", box.stateRoot)
    .replaceAll(/id: "(\w+)"/g, (_all, id: string) => `id: "${box.otherId(id)}"`);
  writeFileSync(join(directory, "example.ts"), own);
  return directory;
}

/** What `npm pack` takes and `npm install` adds to it, but for the engines of the command line, which are large. */
function installPackage(modules: string): void {
  const { name, files, dependencies } = MANIFEST;
  const target = join(modules, name);
  for (const file of ["package.json", ...files]) {
    if (file.startsWith("!")) rmSync(join(target, file.slice(1)), { recursive: true });
    else if (!file.endsWith("-engine")) cpSync(join(PROJECT_ROOT, file), join(target, file), { recursive: true });
  }
  for (const each of Object.keys(dependencies)) {
    symlinkSync(join(PROJECT_ROOT, "node_modules", each), join(modules, each));
  }
}

const COMPILER_OPTIONS = {
  strict: true,
  module: "nodenext",
  target: "es2023",
  types: ["node"],
  typeRoots: [join(PROJECT_ROOT, "node_modules/@types")],
};

function program(name: string): string {
  return join(PROJECT_ROOT, "node_modules/.bin", name);
}
