import assert from "node:assert/strict";
import { test } from "node:test";
import { hotParse } from "../../../../src/cli/hot-parse.ts";
import type { EngineFlags } from "../../../../src/engine/cli/call.ts";
import { ENGINE_TABLE } from "../../../../src/engine/cli/flags.gen.ts";
import { logDetails } from "../../../../src/engine/container/log-details.ts";
import { checkTogether } from "../../../../src/engine/container/request/check-together.ts";
import { hostConfigOf } from "../../../../src/engine/container/request/host-config.ts";

function flagsOf(words: readonly string[]): EngineFlags<"create"> {
  // The table is what the types of the flags are computed from.
  return hotParse(["create", ...words, "image"], ENGINE_TABLE)?.flags as unknown as EngineFlags<"create">;
}

for (const [line, message] of [
  ["--stop-timeout soon", /"soon" for "--stop-timeout"/],
  ["--storage-opt nosuch=1", /unknown option nosuch/],
  ["--restart sometimes", /unknown policy 'sometimes'/],
  ["--restart on-failure:x", /must be an integer/],
  ["--restart on-failure:-1", /cannot be negative/],
  ["--restart always:3", /can only be used with 'on-failure'/],
  ["--log-driver none --log-opt max-size=1m", /invalid logging opts for driver none/],
  ["--log-opt nosuch=1", /unknown log opt 'nosuch'/],
  ["--log-opt env-regex=(", /no regular expression/],
  ["--log-opt compress=true", /not compressed/],
  ["--log-opt compress=1", /true or false/],
  ["--cpu-period 10", /cfs period/],
  ["--cpu-quota 10", /cfs quota/],
  ["--mount type=tmpfs,source=/x,target=/y", /Source must not be specified/],
  ["--mount type=bind,target=/y", /Source must not be empty/],
  ["--mount type=volume", /target is required/],
  ["--mount target=/y,volume-driver=nosuch", /plugin "nosuch" not found/],
  ["--mount target=/y,volume-opt=nosuch=1", /invalid option: "nosuch"/],
  ["--umask 9", /invalid umask 9/],
  ["--tz ../../passwd", /finding timezone/],
  ["--security-opt writable-cgroups=maybe", /invalid --security-opt/],
] as const) {
  test(`hostConfigOf refuses ${line}`, () => {
    assert.throws(() => hostConfigOf(flagsOf(line.split(" ")), "bridge", false), message);
  });
}

test("hostConfigOf takes a quota without a limit, and both spellings of writable-cgroups", () => {
  const words = ["--cpu-quota", "-1", "--security-opt", "writable-cgroups", "--security-opt", "writable-cgroups=true"];
  assert.equal(hostConfigOf(flagsOf(words), "bridge", false).CpuQuota, -1);
});

for (const [line, mode, message] of [
  ["--uts host --hostname x", "bridge", /hostname and the UTS mode/],
  ["--hostname x", "container:a", /hostname and the network mode/],
  ["--dns 192.0.2.1", "container:a", /dns and the network mode/],
  ["--add-host a:192.0.2.1", "container:a", /custom host-to-IP mapping/],
  ["-p 80:80", "container:a", /port publishing/],
  ["--expose 80", "container:a", /port exposing/],
] as const) {
  test(`checkTogether refuses ${line} on ${mode}`, () => {
    const flags = flagsOf(line.split(" "));
    assert.throws(() => checkTogether(flags, mode), message);
    if (mode !== "bridge") assert.doesNotThrow(() => checkTogether(flags, "bridge"));
  });
}

test("logDetails names what --log-opt names, sorted and quoted as docker does", () => {
  const config = {
    Labels: { b: "1 1", z: "9" },
    Env: ["A=2", "AB=3=4", "C=5"],
    Image: "i",
    Entrypoint: ["sh"],
    Cmd: ["x"],
  };
  const container = { id: "0123456789abcdef", name: "web", imageId: "sha256:fedcba98765432100" as const, config };
  const of = (Config: Readonly<Record<string, string>>) => logDetails(container, Config);
  assert.equal(of({}), "");
  assert.equal(of({ labels: "b,none", "env-regex": "^A" }), "A=2,AB=3%3D4,b=1%201");
  assert.equal(of({ tag: "{{.ImageName}}/{{.Name}}/{{.ID}}" }), "tag=i%2Fweb%2F0123456789ab");
  assert.equal(of({ tag: "{{.Command}} {{.ImageID}}", labels: "z" }), "tag=sh%20x%20fedcba987654,z=9");
  assert.throws(() => of({ tag: "{{.Nosuch}}" }), /Nosuch/);
  assert.equal(of({ "labels-regex": ".", env: "C" }), "C=5,b=1%201,z=9");
});
