import assert from "node:assert/strict";
import { test } from "node:test";
import { applyChanges } from "../../../../src/engine/image/apply-changes.ts";
import type { ImageRunConfig } from "../../../../src/engine/image/image.ts";

const CASES: readonly (readonly [change: string, config: ImageRunConfig])[] = [
  ['CMD ["a", "b c"]', { Cmd: ["a", "b c"] }],
  ["CMD echo $HOME", { Cmd: ["/bin/sh", "-c", "echo $HOME"] }],
  ['entrypoint ["/x"]', { Entrypoint: ["/x"] }],
  ['ENV A=1 B="2 3" C=4\\ 5', { Env: ["A=1", "B=2 3", "C=4 5"] }],
  ["ENV A one two", { Env: ["A=one two"] }],
  ["EXPOSE 80 53/udp", { ExposedPorts: { "80/tcp": {}, "53/udp": {} } }],
  ["LABEL a=b 'c d'=e", { Labels: { a: "b", "c d": "e" } }],
  ["USER 1:2", { User: "1:2" }],
  ["VOLUME /a /b", { Volumes: { "/a": {}, "/b": {} } }],
  ['VOLUME ["/a b"]', { Volumes: { "/a b": {} } }],
  ["WORKDIR a/../b", { WorkingDir: "/b" }],
  ["STOPSIGNAL SIGINT", { StopSignal: "SIGINT" }],
  ["HEALTHCHECK NONE", { Healthcheck: { Test: ["NONE"] } }],
  ["HEALTHCHECK CMD a || exit 1", { Healthcheck: { Test: ["CMD-SHELL", "a || exit 1"] } }],
  [
    'healthcheck --interval=1m30s --retries=2  --start-period=0s cmd ["a", "b c"]',
    { Healthcheck: { Test: ["CMD", "a", "b c"], Interval: 90e9, Retries: 2 } },
  ],
];

for (const [change, config] of CASES) {
  test(`applyChanges takes ${change}`, () => assert.deepEqual(applyChanges({}, [change]), config));
}

test("applyChanges changes a variable in its place, and leaves the rest", () => {
  const before = { Env: ["A=1", "B=2"], Cmd: ["x"] };
  assert.deepEqual(applyChanges(before, ["ENV A=3", "ENV C=4"]), { Env: ["A=3", "B=2", "C=4"], Cmd: ["x"] });
});

const BAD_CHECKS = [
  "HEALTHCHECK CMD",
  "HEALTHCHECK NONE x",
  "HEALTHCHECK RUN x",
  "HEALTHCHECK --interval=1 CMD x",
  "HEALTHCHECK --timeout=1us CMD x",
  "HEALTHCHECK --what=1s CMD x",
  "HEALTHCHECK --retries=-1 CMD x",
];

for (const bad of ["RUN x", "CMD", "EXPOSE http", "ENV A", "", ...BAD_CHECKS]) {
  test(`applyChanges refuses ${JSON.stringify(bad)}`, () => {
    assert.throws(() => applyChanges({}, [bad]), /Cannot apply the change/);
  });
}
