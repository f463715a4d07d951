import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePart } from "../../../src/config/parse-part.ts";
import { checkText } from "../../../src/config/validate-text.ts";

const SOUND = '"ociVersion": "1.2.0", "root": {"path": "rootfs"}';

describe("checkText takes names in any letter case", () => {
  it("at every depth, with a warning each, and keeps the text with the spec's own", () => {
    const limits = '[{"pagesize": "2MB", "Limit": 9007199254740993}]';
    const text = `{${SOUND},\n  "Linux": {"resources": {"HugepageLimits": ${limits}}}}`;
    const checked = checkText(text);
    assert.deepEqual(checked.errors, []);
    assert.equal(
      checked.text,
      text
        .replace("Linux", "linux")
        .replace("HugepageLimits", "hugepageLimits")
        .replace("pagesize", "pageSize")
        .replace('Limit"', 'limit"'),
    );
    const [limit] = (checked.value as Linux).linux.resources.hugepageLimits;
    assert.deepEqual(limit, { pageSize: "2MB", limit: 9007199254740993n });
    assert.deepEqual(
      checked.warnings.map(({ code, pointer }) => `${code} ${pointer}`),
      [
        "LETTER_CASE /linux",
        "LETTER_CASE /linux/resources/hugepageLimits",
        "LETTER_CASE /linux/resources/hugepageLimits/0/pageSize",
        "LETTER_CASE /linux/resources/hugepageLimits/0/limit",
      ],
    );
    assert.match(checked.warnings[2]?.message ?? "", /is written "pagesize": it is taken for "pageSize"/);
  });

  it("but not beside the right one, and not where names are free", () => {
    const text = `{${SOUND}, "ROOT": {"path": "/"}, "annotations": {"Root": "x"}, "linux": {"sysctl": {"Net.x": "1"}}}`;
    const { text: kept, value, warnings } = checkText(text);
    assert.equal(kept, text);
    assert.deepEqual((value as { root: unknown }).root, { path: "rootfs" });
    assert.ok(warnings.some(({ code, pointer }) => code === "UNKNOWN_PROPERTY" && pointer === "/ROOT"));
  });

  it("and checks what they hold", () => {
    const { errors } = checkText(`{${SOUND}, "HostName": 5}`);
    assert.deepEqual(
      errors.map(({ pointer }) => pointer),
      ["/hostname"],
    );
  });

  it("written with escapes as well", () => {
    const { value } = checkText(`{${SOUND}, "\\u0048ostname": "box"}`);
    assert.equal((value as { hostname: unknown }).hostname, "box");
  });

  it("never those of Object", () => {
    const { text, errors } = checkText(`{${SOUND}, "ToString": 1, "__PROTO__": {"x": 1}, "Constructor": 2}`);
    assert.deepEqual(errors, []);
    assert.match(text, /"ToString": 1, "__PROTO__"/);
  });
});

describe("parsePart", () => {
  it("takes a process's and resources' names in any letter case", () => {
    const { value, warnings } = parsePart('{"Args": ["true"], "user": {"UID": 7}}', "process");
    assert.deepEqual(value, { args: ["true"], user: { uid: 7 } });
    assert.deepEqual(
      warnings.map(({ pointer }) => pointer),
      ["/args", "/user/uid"],
    );
    assert.deepEqual(parsePart('{"PIDs": {"limit": 5}}', "resources").value, { pids: { limit: 5 } });
  });
});

interface Linux {
  readonly linux: { readonly resources: { readonly hugepageLimits: readonly unknown[] } };
}
