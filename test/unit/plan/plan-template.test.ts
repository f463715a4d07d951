import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  fillParameters,
  markParameters,
  namedParameters,
  PARAMETERS,
  type ParameterValues,
  type PlanTexts,
  placeholders,
  planTemplate,
  subjectConfigs,
} from "../../../src/plan/plan-template.ts";

const DIGEST = "0123456789abcdef0123456789abcdef";
const UUID = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";
const VALUES = valuesOf({ id: "web", bundle: "/run/bundles/web", pid: "4242", startTime: "1234567" }, DIGEST, UUID);

describe("placeholders", () => {
  test("keeps what is absent absent, paths absolute, and the shape of identifiers", () => {
    const others = placeholders(VALUES, "first", hexOf("a7"));
    assert.equal(others.length, VALUES.length);
    const { id, log, bundle, pid, startTime } = namedParameters(others);
    assert.match(id ?? "", /^[0-9a-f]{16,}$/);
    assert.equal(log, undefined);
    assert.match(bundle ?? "", /^\/[0-9a-f]{15,}$/);
    for (const number of [pid, startTime]) assert.ok(Number.isSafeInteger(Number(number)) && Number(number) > 2 ** 50);
    assert.match(others.at(-2) ?? "", /^[0-9a-f]{32}$/);
    assert.match(others.at(-1) ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test("come before, or behind, whatever identifiers there are", () => {
    const first = placeholders(VALUES, "first", hexOf("5"));
    const last = placeholders(VALUES, "last", hexOf("5"));
    for (const index of [PARAMETERS.length, PARAMETERS.length + 1]) {
      assert.ok((first[index] ?? "") < (VALUES[index] ?? "") && (VALUES[index] ?? "") < (last[index] ?? ""));
    }
  });
});

describe("markParameters and fillParameters", () => {
  test("give the text back with these values, or with others", () => {
    const text = `a web\0/run/bundles/web/x\0${UUID},${DIGEST}\0pid 4242`;
    const others = placeholders(VALUES, "first", counter());
    const marked = markParameters(fillParameters(markParameters(text, distinct()) ?? "", others), others) ?? "";
    assert.equal(fillParameters(marked, distinct()), text);
  });

  test("refuse a text that holds a mark's bytes", () => {
    assert.equal(markParameters("\u{1}0\u{2}", VALUES), undefined);
  });
});

describe("subjectConfigs", () => {
  test("gives the last sections with these values", () => {
    const subject = 'run\u{3}odd\u{3}{}\u{3}["\u{1}9.32\u{2}","\u{1}10.36\u{2}"]';
    assert.deepEqual(subjectConfigs(subject, 2, VALUES), ["{}", JSON.stringify([DIGEST, UUID])]);
  });
});

describe("planTemplate", () => {
  test("gives the texts for any container where parameters decide nothing", () => {
    const template = templateOf(([id, , , , , bundle]) => `${bundle}/x\0_ses.${id}`);
    assert.deepEqual(template, { state: "state", image: "\u{1}5\u{2}/x\0_ses.\u{1}0\u{2}" });
  });

  const deciding: Readonly<Record<string, (values: ParameterValues) => string>> = {
    "its length": ([id = ""]) => `${id}\0${id.length}`,
    "its place in an order": (values) => values.slice(PARAMETERS.length).toSorted().join(),
    "its place beside a constant": (values) => [values[PARAMETERS.length], "7".repeat(32)].sort().join(),
    "a part of it": ([id = ""]) => id.slice(0, 2),
    "what is in another": ([id = "", , , , , bundle = ""]) => (bundle.endsWith(id) ? "below" : "elsewhere"),
  };
  for (const [what, image] of Object.entries(deciding)) {
    test(`gives none where ${what} decides something`, () => {
      assert.equal(templateOf(image), undefined);
    });
  }
});

function templateOf(image: (values: ParameterValues) => string): PlanTexts | undefined {
  const compiled = (values: ParameterValues) => [values, { state: "state", image: image(values) }] as const;
  const random = counter();
  return planTemplate(compiled(VALUES), [
    compiled(placeholders(VALUES, "first", random)),
    compiled(placeholders(VALUES, "last", random)),
  ]);
}

function valuesOf(named: Readonly<Record<string, string>>, ...identifiers: readonly string[]): ParameterValues {
  return [...PARAMETERS.map((name) => named[name] ?? ""), ...identifiers];
}

/** The values without those that others hold. */
function distinct(): ParameterValues {
  return VALUES.map((value) => (value === "web" ? "a web" : value));
}

function hexOf(digits: string): (length: number) => string {
  return (length) => digits.repeat(length).slice(0, length);
}

/** Other digits at each call. */
function counter(): (length: number) => string {
  let calls = 0;
  return (length) => (calls++ + 1).toString(16).padStart(length, "7");
}
