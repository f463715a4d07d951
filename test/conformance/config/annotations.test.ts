import assert from "node:assert/strict";
import { assertRefused, requirement } from "../requirement.ts";

const AT = "config.md#annotations";

requirement(AT, { id: "MD-CF-108", says: "annotations is a map of keys and values" }, async (box) => {
  Object.assign(box.config, { annotations: ["org.example"] });
  await assertRefused(box);
});

requirement(
  AT,
  { id: "MD-CF-109", says: "keys of annotations are strings, and come back as they are" },
  async (box) => {
    box.config.annotations = { "org.example.key": "value", 'quo"ted': "ü\n", "org.example.empty": "" };
    await box.created();
    assert.deepEqual((await box.state()).annotations, box.config.annotations);
  },
);

requirement(
  AT,
  { id: "MD-CF-110", level: "MUST NOT", says: "a key of annotations is not the empty string" },
  async (box) => {
    box.config.annotations = { "": "value" };
    await assertRefused(box);
  },
);

requirement(AT, { id: "MD-CF-111", says: "annotations of the spec's own namespace are taken" }, async (box) => {
  box.config.annotations = {
    "org.opencontainers.image.os": "linux",
    "org.opencontainers.image.architecture": "amd64",
    "org.opencontainers.image.created": "2026-01-01T00:00:00Z",
    "org.opencontainers.image.stopSignal": "SIGTERM",
  };
  assert.deepEqual(await box.look(["cwd"]), ["/"]);
});

requirement(AT, { id: "MD-CF-112", says: "unknown keys of annotations are ignored" }, async (box) => {
  box.config.annotations = { "org.opencontainers.unknown": "x", "com.example.unknown": "y", "no dots": "z" };
  assert.deepEqual(await box.look(["cwd"]), ["/"]);
});

requirement(AT, { id: "MD-CF-113", says: "values of annotations are strings" }, async (box) => {
  Object.assign(box.config, { annotations: { "org.example": 5 } });
  await assertRefused(box);
});
