import assert from "node:assert/strict";
import { after, test } from "node:test";
import { damagedCopies, SanitizedCorpus } from "../helpers/sanitized-corpus.ts";

const SOURCES = ["test/native/plan-cache-corpus.c", "native/plan_cache.c", "native/out.c", "native/json.c"];
const corpus = new SanitizedCorpus(SOURCES);
after(() => corpus.close());
const { skip } = corpus;

const ENTRY = "mydocker-kept-plan 1\0subject\0id \u{1}0\u{2}.\0at \u{1}2\u{2}\0-";

test("kept_read and kept_fill read an entry", { skip }, () => {
  assert.equal(entries([ENTRY]), "y");
});

test("kept_read and kept_fill refuse other subjects, other layouts, and unknown marks", { skip }, () => {
  const wrong = [
    "",
    ENTRY.replace("subject", "subject "),
    ENTRY.replace("subject", "subjec"),
    ENTRY.replace("plan 1", "plan 2"),
    ENTRY.replace("\u{1}0", "\u{1}1"),
    ENTRY.replace("\u{1}0", "\u{1}3"),
    ENTRY.replace("\u{1}0", "\u{1}99999999999999999999"),
    ENTRY.replace("\u{1}0", "\u{1}"),
    ENTRY.replace("\u{2}.", "."),
    ENTRY.slice(0, 30),
  ];
  assert.equal(entries(wrong), "n".repeat(wrong.length));
});

test("kept_read and kept_fill never read beyond an entry's end, whatever bytes are damaged", { skip }, () => {
  const seed = 20_261_128;
  assert.match(corpus.run(damagedCopies(Buffer.from(ENTRY), 20_000, seed)), /^[yn]{20000}$/, `seed ${seed}`);
});

const ID = "0123456789ab".repeat(5).concat("cdef");
const SHORT_ID = "0123456789ab";
const UUID = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";

test("subject_config puts marks where identifiers are, the same for the same one", { skip }, () => {
  const cases = {
    [`{"a":"/x/${ID}/y","b":"${SHORT_ID}","c":"${ID}"}`]: `{"a":"/x/<9.64>/y","b":"<10.12>","c":"<9.64>"}`,
    [`{"${ID}":"netns-${UUID}"}`]: '{"<9.64>":"netns-<10.36>"}',
    [`["sha256:${ID}","${UUID}"]`]: '["sha256:<9.64>","<10.36>"]',
    '["2026-01-31T12:00:00Z","at 2026-01-31T12:00:00.123456789+01:00"]': '["<9.19>Z","at <10.29>+01:00"]',
    // A subject tells an identifier of another length, which could decide something.
    [`["${SHORT_ID}0"]`]: '["<9.13>"]',
  };
  assert.deepEqual(subjects(Object.keys(cases)), Object.values(cases));
});

test("subject_config leaves everything else as it is", { skip }, () => {
  const texts = [
    "{}",
    `{"number":1234567890e12,"digits":"123456789012","letters":"abcdefabcdef"}`,
    `["${SHORT_ID}g","x${SHORT_ID}","${ID}0","${SHORT_ID.slice(1)}","${SHORT_ID.toUpperCase()}","${UUID}g"]`,
    '["2026-01-31","2026-01-31 12:00:00Z","2026-01-31T12:00","2026-01-31T12:00:00","2026-01-31T12:00:00.5x"]',
    // The letters of escapes.
    `["\\b${SHORT_ID}","\\u00${SHORT_ID}","\\\\u","\\"","\\\\${"z"}"]`,
    `{ "tab":\t"ü" }`,
  ];
  assert.deepEqual(subjects(texts), texts);
});

test("subject_config refuses what is no JSON text", { skip }, () => {
  const texts = ['{"a', '"\\', '{"a":"\n"}', '{"a":"\u{1}"}', "{\u{3}}", '"\\\u{2}"', "\0"];
  assert.deepEqual(
    subjects(texts),
    texts.map(() => "refused"),
  );
  const many = Array.from({ length: 60 }, (_, index) => `"${SHORT_ID}${String(index).padStart(2, "0")}"`);
  assert.deepEqual(subjects([`[${many.join()}]`]), ["refused"]);
});

test("subject_config never reads beyond a config's end, whatever bytes are damaged", { skip }, () => {
  const text = JSON.stringify({
    id: ID,
    time: "2026-01-31T12:00:00.5Z",
    uuid: [UUID, `/a/${SHORT_ID}`],
    escapes: 'quotes " and \\ and ü',
  });
  const damaged = damagedCopies(Buffer.from(text), 5_000, 20_261_128);
  assert.ok(corpus.lines(damaged, ["subject"]).length >= damaged.length);
});

function entries(texts: readonly string[]): string {
  return corpus.run(texts.map((text) => Buffer.from(text)));
}

function subjects(texts: readonly string[]): readonly string[] {
  return corpus.lines(
    texts.map((text) => Buffer.from(text)),
    ["subject"],
  );
}
