import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Problem } from "../../../src/base/problem.ts";
import { VERSION } from "../../../src/base/version.ts";
import { findingsJson } from "../../../src/cli/findings-json.ts";
import { findingsSarif } from "../../../src/cli/findings-sarif.ts";
import { findingsText } from "../../../src/cli/findings-text.ts";
import type { Config } from "../../../src/config/types.gen.ts";
import { checkConfigText, type ValidationReport } from "../../../src/runtime/validate.ts";
import { kernelProblems } from "../../../src/runtime/validate-kernel.ts";
import { limitProblems, parseHardLimits } from "../../../src/runtime/validate-limits.ts";
import type { KernelAbilities } from "../../../src/sys/probe-features.ts";
import { PROJECT_ROOT } from "../../../src/tools/project-root.ts";

const FIXTURES = join(PROJECT_ROOT, "test/fixtures/validate");
const DIRECTORY = "/srv/web";
const PRINTERS = { txt: findingsText, json: findingsJson, sarif: findingsSarif };
const NOTHING = async (): Promise<readonly Problem[]> => [];

/** The report on a text as if it were /srv/web/config.json, on a host that can do everything. */
async function reportOn(text: string, checkHost = NOTHING): Promise<ValidationReport> {
  return { file: `${DIRECTORY}/config.json`, ...(await checkConfigText(text, checkHost)) };
}

function readFixture(name: string): string {
  return readFileSync(join(FIXTURES, name, "config.json"), "utf8");
}

describe("validate prints what it always printed", () => {
  for (const name of readdirSync(FIXTURES)) {
    for (const [format, print] of Object.entries(PRINTERS)) {
      it(`of "${name}" as ${format}`, async () => {
        // The version of the program is no matter of the report.
        const printed = print(await reportOn(readFixture(name)), DIRECTORY).replace(
          `"version": "${VERSION}"`,
          '"version": ""',
        );
        const file = join(FIXTURES, name, `findings.${format}`);
        // UPDATE_GOLDEN=1 writes them anew: read the difference before it is committed.
        if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, printed);
        assert.equal(printed, readFileSync(file, "utf8"));
      });
    }
  }
});

describe("checkConfigText", () => {
  it("reports in the order of the file", async () => {
    const { findings } = await reportOn(readFixture("broken"));
    const lines = findings.map(({ location }) => location.start.line);
    assert.deepEqual(
      lines,
      lines.toSorted((a, b) => a - b),
    );
  });

  it("asks the host about a config that breaks no rule, and about no other", async () => {
    const asked: Problem = { code: "HOST", severity: "error", pointer: "/process/args", message: "cannot be" };
    const fine = await reportOn(readFixture("fine"), async () => [asked]);
    assert.deepEqual(
      fine.findings.map(({ code, location }) => [code, location.start]),
      [["HOST", { line: 4, column: 60 }]],
    );
    const broken = await reportOn(readFixture("broken"), () => assert.fail("the host was asked"));
    assert.equal(broken.isHostChecked, false);
  });

  it("places a missing property at what it is missing from", async () => {
    const { findings } = await reportOn('{\n  "ociVersion": "1.3.0",\n  "root": {}\n}');
    assert.deepEqual(
      findings.map(({ pointer, location }) => [pointer, location.start]),
      [["/root/path", { line: 3, column: 3 }]],
    );
  });

  it("reports NUL in strings with its place", async () => {
    const { findings } = await reportOn('{ "ociVersion": "1.3.0",\n  "hostname": "a\\u0000b" }');
    assert.deepEqual(
      findings.map(({ code, location }) => [code, location.start.line]),
      [["STRING_WITH_NUL", 2]],
    );
  });

  it("reports a member that is there twice once, and not what is inside it", async () => {
    const text = readFixture("fine").replace('"root": {', '"root": { "path": "other" }, "root": {');
    const { findings } = await reportOn(text);
    assert.deepEqual(
      findings.map(({ code, pointer, location }) => [code, pointer, location.start]),
      [["DUPLICATE_NAME", "/root", { line: 3, column: 32 }]],
    );
  });
});

/** The properties that SARIF 2.1.0 requires of each object that findingsSarif makes, and what it says about them. */
describe("findingsSarif", () => {
  it("makes a log that SARIF 2.1.0 allows", async () => {
    const log = JSON.parse(findingsSarif(await reportOn(readFixture("broken")), DIRECTORY));
    assert.equal(log.version, "2.1.0");
    assert.equal(log.runs.length, 1);
    const [{ tool, results }] = log.runs;
    assert.equal(typeof tool.driver.name, "string");
    const ids = tool.driver.rules.map(({ id }: { id: string }) => id);
    assert.deepEqual([...new Set(ids)], ids);
    for (const { helpUri } of tool.driver.rules) if (helpUri !== undefined) assert.ok(URL.canParse(helpUri));
    assert.ok(results.length > 10);
    for (const result of results) checkResult(result, ids);
  });

  it("names a file outside of the current directory by a file URI", async () => {
    const report = { ...(await reportOn(readFixture("syntax"))), file: "/srv/a b/config.json" };
    assert.match(findingsSarif(report, "/home"), /"uri": "file:\/\/\/srv\/a%20b\/config\.json"/);
    assert.match(findingsSarif(report, "/srv/a b"), /"uri": "config\.json"/);
    assert.match(findingsSarif(report, "/"), /"uri": "srv\/a%20b\/config\.json"/);
  });
});

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: Readonly<Record<"startLine" | "startColumn" | "endLine" | "endColumn", number>>;
    };
  }[];
}

function checkResult({ ruleId, ruleIndex, level, message, locations }: SarifResult, ids: readonly string[]): void {
  assert.equal(ids[ruleIndex], ruleId);
  assert.ok(["none", "note", "warning", "error"].includes(level));
  assert.ok(message.text.length > 0);
  for (const { physicalLocation } of locations) {
    const { startLine, startColumn, endLine, endColumn } = physicalLocation.region;
    for (const number of [startLine, startColumn, endLine, endColumn])
      assert.ok(Number.isInteger(number) && number > 0);
    assert.ok(endLine > startLine || (endLine === startLine && endColumn >= startColumn));
  }
}

const KERNEL: KernelAbilities = {
  release: "6.1.0",
  capabilities: ["CAP_CHOWN"],
  boundingSet: ["CAP_CHOWN"],
  namespaces: ["mount", "pid"],
  filesystems: ["proc", "tmpfs"],
  hasModules: true,
  seccompActions: ["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"],
  seccompFlags: ["SECCOMP_FILTER_FLAG_LOG"],
  hasApparmor: false,
  hasSelinux: false,
  hasMountSetattr: true,
};

/** Code and pointer of each problem that a kernel has with a config. */
function kernelCodes(config: Partial<Config>, kernel = KERNEL): readonly string[] {
  const problems = kernelProblems({ ociVersion: "1.3.0", ...config }, kernel);
  return problems.map(({ code, severity, pointer }) => `${severity} ${code} ${pointer}`);
}

describe("kernelProblems", () => {
  it("says nothing of what the kernel has", () => {
    const namespaces = [{ type: "mount" }, { type: "pid" }] as const;
    const seccomp = { defaultAction: "SCMP_ACT_ERRNO", flags: ["SECCOMP_FILTER_FLAG_LOG"] } as const;
    const mounts = [{ destination: "/proc", type: "proc" }];
    assert.deepEqual(kernelCodes({ mounts, linux: { namespaces, seccomp } }), []);
  });

  it("names a namespace that the kernel lacks", () => {
    const namespaces = [{ type: "mount" }, { type: "time" }] as const;
    assert.deepEqual(kernelCodes({ linux: { namespaces } }), ["error KERNEL_NAMESPACE /linux/namespaces/1"]);
  });

  it("warns of a filesystem that only a module could bring, and not of a bind mount's or cgroup's type", () => {
    const mounts = [
      { destination: "/a", type: "xfs" },
      { destination: "/b", type: "none", source: "/", options: ["rbind"] },
      { destination: "/c", type: "bind", source: "/" },
      { destination: "/d", type: "cgroup" },
      { destination: "/e", options: ["remount", "ro"] },
    ];
    assert.deepEqual(kernelCodes({ mounts }), ["warning KERNEL_FILESYSTEM /mounts/0/type"]);
    const fixed = { ...KERNEL, hasModules: false };
    assert.deepEqual(kernelCodes({ mounts }, fixed), ["error KERNEL_FILESYSTEM /mounts/0/type"]);
  });

  it("names actions and flags of seccomp that the kernel lacks", () => {
    const seccomp = {
      defaultAction: "SCMP_ACT_LOG",
      flags: ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
      syscalls: [
        { names: ["read"], action: "SCMP_ACT_ALLOW" },
        { names: ["write"], action: "SCMP_ACT_NOTIFY" },
      ],
    } as const;
    assert.deepEqual(kernelCodes({ linux: { seccomp } }), [
      "error KERNEL_SECCOMP /linux/seccomp/defaultAction",
      "error KERNEL_SECCOMP /linux/seccomp/syscalls/1/action",
      "error KERNEL_SECCOMP /linux/seccomp/flags/1",
    ]);
  });

  it("refuses a kernel without mount_setattr", () => {
    assert.deepEqual(kernelCodes({}, { ...KERNEL, hasMountSetattr: false }), ["error KERNEL_TOO_OLD "]);
  });
});

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max file size             1024                 4096                 bytes     
Max data size             unlimited            18446744073709551614 bytes     
`;

describe("limitProblems", () => {
  const process = {
    cwd: "/",
    rlimits: [
      { type: "RLIMIT_CPU", soft: 1, hard: 18446744073709551615n },
      { type: "RLIMIT_FSIZE", soft: 1, hard: 4097 },
      { type: "RLIMIT_FSIZE", soft: 1, hard: 4096 },
      { type: "RLIMIT_DATA", soft: 1, hard: 18446744073709551615n },
    ],
  };
  const config: Config = { ociVersion: "1.3.0", process };

  it("names the hard limits that nobody can set without CAP_SYS_RESOURCE", () => {
    const problems = limitProblems(config, { limits: LIMITS, boundingSet: [] });
    assert.deepEqual(
      problems.map(({ pointer, fix }) => [pointer, fix]),
      [
        ["/process/rlimits/1/hard", "write 4096 or less"],
        ["/process/rlimits/3/hard", "write 18446744073709551614 or less"],
      ],
    );
  });

  it("says nothing where root has CAP_SYS_RESOURCE", () => {
    assert.deepEqual(limitProblems(config, { limits: LIMITS, boundingSet: ["CAP_SYS_RESOURCE"] }), []);
  });

  it("reads the lines of /proc/PID/limits in the order of their numbers", () => {
    assert.deepEqual(parseHardLimits(LIMITS), [Number.POSITIVE_INFINITY, 4096n, 18446744073709551614n]);
    assert.equal(parseHardLimits(readFileSync("/proc/self/limits", "utf8")).length, 16);
  });
});
