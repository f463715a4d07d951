import { isRecord } from "../base/json-store.ts";

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number";
const isBoolean: Check = (value) => typeof value === "boolean";
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isTextRecord: Check = (value) => isRecord(value) && Object.values(value).every(isText);

/** Source: docker's image spec v1.2, "Image JSON Field Descriptions". */
const HEALTHCHECK: Shape = {
  Test: isTexts,
  Interval: isNumber,
  Timeout: isNumber,
  StartPeriod: isNumber,
  StartInterval: isNumber,
  Retries: isNumber,
};

const RUN_CONFIG: Shape = {
  User: isText,
  ExposedPorts: isRecord,
  Env: isTexts,
  Entrypoint: isTexts,
  Cmd: isTexts,
  Volumes: isRecord,
  WorkingDir: isText,
  Labels: isTextRecord,
  StopSignal: isText,
  StopTimeout: isNumber,
  Shell: isTexts,
  Healthcheck: (value) => hasShape(value, HEALTHCHECK),
  OnBuild: isTexts,
  ArgsEscaped: isBoolean,
};

const HISTORY: Shape = {
  created: isText,
  author: isText,
  created_by: isText,
  comment: isText,
  empty_layer: isBoolean,
};

const CONFIG: Shape = {
  created: isText,
  author: isText,
  architecture: isText,
  os: isText,
  variant: isText,
  config: (value) => hasShape(value, RUN_CONFIG),
  history: (value) => Array.isArray(value) && value.every((step) => hasShape(step, HISTORY)),
};

/**
 * Whether the members of an image's config that this program reads are of their types; null stands for one that is missing,
 * as Go writes it. Source: image-spec config.md.
 */
export function hasConfigShape(value: unknown): value is Readonly<Record<string, unknown>> {
  return hasShape(value, CONFIG);
}

function hasShape(value: unknown, shape: Shape): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) return false;
  return Object.entries(shape).every(([name, check]) => {
    const member = value[name];
    return member === undefined || member === null || check(member);
  });
}
