import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { gunzipSync } from "node:zlib";
import { PROJECT_ROOT } from "../../src/tools/project-root.ts";
import { type ContainerTestOptions, containerTest } from "../helpers/container-test.ts";
import { type Need, needsOurs, needsProgram } from "../helpers/needs.ts";
import { assertSuccess, type TestBox } from "../helpers/test-box.ts";

const PACKAGES = join(PROJECT_ROOT, "dist/packages");
const DEBIAN: ContainerTestOptions = { needs: [needsOurs, needsProgram("dpkg-deb"), needsProgram("dpkg")] };

/** Installing on the machine itself is for machines that are thrown away. */
const needsCi: Need = () => (process.env.CI === "true" ? undefined : "installs on this machine: needs CI=true");

/** To make the packages takes half a minute where they are not fresh. */
const PACKAGE_TIMEOUT_MS = 600_000;

describe("npm run package", () => {
  let scratch = "";

  before(
    () => {
      scratch = mkdtempSync(join(tmpdir(), "mdr-test-package-"));
      const made = spawnSync("npm", ["run", "package"], { cwd: PROJECT_ROOT, encoding: "utf8" });
      assert.equal(made.status, 0, made.stderr);
    },
    { timeout: PACKAGE_TIMEOUT_MS },
  );
  after(() => rmSync(scratch, { recursive: true, force: true }));

  containerTest(
    "what the .deb holds runs a container, through the link in usr/bin",
    async (box) => {
      const root = join(scratch, "unpacked");
      execFileSync("dpkg-deb", ["--extract", packageNamed(".deb"), root]);
      await assertRuns(box, join(root, "usr/bin/mydocker-runtime"));
      const page = gunzipSync(readFileSync(join(root, "usr/share/man/man8/mydocker-runtime-run.8.gz"))).toString();
      assert.match(page, /^\.TH/m);
      const share = join(root, "usr/share");
      for (const path of [
        "man/man1/mydocker-run.1.gz",
        "bash-completion/completions/mydocker",
        "zsh/vendor-completions/_mydocker",
        "fish/vendor_completions.d/mydocker.fish",
      ])
        assert.ok(existsSync(join(share, path)), path);
    },
    DEBIAN,
  );

  containerTest(
    "dpkg installs the .deb into another root, verifies it, and removes all of it",
    async (box) => {
      const root = join(scratch, "installed");
      const admin = join(scratch, "admin");
      prepareDatabase(root, admin);
      const dpkg = (...args: readonly string[]): string =>
        execFileSync("dpkg", [`--admindir=${admin}`, `--instdir=${root}`, ...args], {
          encoding: "utf8",
          stdio: "pipe",
        });
      dpkg("--install", packageNamed(".deb"));
      assert.equal(dpkg("--verify", "mydocker-runtime"), "");
      await assertRuns(box, join(root, "usr/bin/mydocker-runtime"));
      dpkg("--purge", "mydocker-runtime");
      assert.ok(!existsSync(join(root, "usr/bin/mydocker-runtime")));
      assert.ok(!existsSync(join(root, "usr/lib/mydocker-runtime")));
    },
    DEBIAN,
  );

  containerTest(
    "the .tar.gz is unpacked below any prefix",
    async (box) => {
      const prefix = join(scratch, "prefix");
      mkdirSync(prefix);
      execFileSync("tar", ["-xzf", packageNamed(".tar.gz"), "--strip-components=1", "-C", prefix]);
      await assertRuns(box, join(prefix, "bin/mydocker-runtime"));
      assert.ok(existsSync(join(prefix, "share/bash-completion/completions/mydocker-runtime")));
    },
    { needs: [needsOurs] },
  );

  containerTest(
    "the .deb is installed on this machine, found in the path, and purged",
    async (box) => {
      const isInstalled = spawnSync("dpkg", ["--status", "mydocker-runtime"]).status === 0;
      assert.ok(!isInstalled, "it is installed already: this test would remove it");
      execFileSync("dpkg", ["--install", packageNamed(".deb")], { stdio: "pipe" });
      try {
        await assertRuns(box, "/usr/bin/mydocker-runtime");
        const { stdout } = await box.program(["sh", "-c", "command -v mydocker-runtime && command -v mydocker"]);
        assert.equal(stdout, "/usr/bin/mydocker-runtime\n/usr/bin/mydocker\n");
      } finally {
        execFileSync("dpkg", ["--purge", "mydocker-runtime"], { stdio: "pipe" });
      }
      assert.ok(!existsSync("/usr/lib/mydocker-runtime"));
    },
    { needs: [...(DEBIAN.needs ?? []), needsCi] },
  );
});

function packageNamed(ending: string): string {
  const names = readdirSync(PACKAGES).filter((name) => name.endsWith(ending));
  assert.equal(names.length, 1, `one ${ending} in ${names.join()}`);
  return join(PACKAGES, names.join());
}

/** Runs a container of the box's with another executable. */
async function assertRuns(box: TestBox, runtime: string): Promise<void> {
  box.setCommands(["ids"]);
  box.writeConfig();
  const result = await box.program([runtime, "--root", box.stateRoot, "run", "--bundle", box.bundle, box.id]);
  assertSuccess(result);
  assert.equal(box.reports(result.stdout, ["ids"])[0].pid, 1);
}

/** A database of dpkg's that knows what is installed here, so that dependencies are checked. */
function prepareDatabase(root: string, admin: string): void {
  for (const directory of [root, admin, join(admin, "info"), join(admin, "updates"), join(admin, "triggers")]) {
    mkdirSync(directory);
  }
  copyFileSync("/var/lib/dpkg/status", join(admin, "status"));
  // dpkg warns of packages without one.
  for (const name of readdirSync("/var/lib/dpkg/info").filter((entry) => entry.endsWith(".list"))) {
    writeFileSync(join(admin, "info", name), "");
  }
}
