import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeRootfs } from "../../src/tools/make-rootfs.ts";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { containerTest } from "../helpers/container-test.ts";
import { needsOurs } from "../helpers/needs.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

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
  mkdirSync(join(directory, "node_modules"), { recursive: true });
  symlinkSync(PROJECT_ROOT, join(directory, "node_modules/mydocker-runtime"));
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER_OPTIONS }));
  const own = text
    .replace("/srv/bundles", box.path("bundles"))
    .replace("/run/my-tool", box.stateRoot)
    .replaceAll(/id: "(\w+)"/g, (_all, id: string) => `id: "${box.otherId(id)}"`);
  writeFileSync(join(directory, "example.ts"), own);
  return directory;
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
