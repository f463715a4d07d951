/**
 * Texts of a plan that hold for other containers too: a mark stands in the place of each parameter, such as the id. How a
 * mark looks, and what the parameters are, is told in native/plan_cache.h, which also writes the subjects.
 */
const MARK = "\u0001";
const MARK_END = "\u0002";
const SECTION = "\u0003";

/** The parameters of a subject before the identifiers in its configs, in order. */
export const PARAMETERS = [
  "id",
  "log",
  "pidFile",
  "consoleSocket",
  "created",
  "bundle",
  "rootfs",
  "pid",
  "startTime",
] as const;

/** What each parameter is, by its number; "" for one that this plan does not have. */
export type ParameterValues = readonly string[];

/** The values that this plan has, by name. */
export function namedParameters(values: ParameterValues): Partial<Record<(typeof PARAMETERS)[number], string>> {
  return Object.fromEntries(PARAMETERS.flatMap((name, index) => (values[index] ? [[name, values[index]]] : [])));
}

/** The text of state.json at the beginning, and the plan's image. */
export interface PlanTexts {
  readonly state: string;
  readonly image: string;
}

/** The configs at the end of a subject, with these values in the place of the marks. */
export function subjectConfigs(subject: string, count: number, values: ParameterValues): readonly string[] {
  return subject
    .split(SECTION)
    .slice(-count)
    .map((config) => fillParameters(config, values));
}

/**
 * Values that stand for the real ones: as long, of the same shape, and nowhere else to be found. A parameter could decide
 * something by its place in an order: those of "first" come before the others, and those of "last" behind them.
 */
export function placeholders(
  values: ParameterValues,
  place: "first" | "last",
  randomHex: (length: number) => string,
): ParameterValues {
  return values.map((value, index) => {
    if (value === "") return "";
    const name = PARAMETERS[index];
    if (name === "pid" || name === "startTime") return String(NUMBERS[place] + Number.parseInt(randomHex(11), 16));
    const start = value.startsWith("/") ? "/" : "";
    const digits = ENDS[place] + randomHex(Math.max(value.length, SHORTEST));
    return name === undefined ? shapedAs(value, digits) : start + digits.slice(0, -ENDS[place].length - start.length);
  });
}

/** Shorter ones could be found elsewhere by chance. */
const SHORTEST = 16;
const ENDS = { first: "00", last: "ff" } as const;
/** Below 2^53, with room for 44 random bits. */
const NUMBERS = { first: 2 ** 50, last: 2 ** 52 } as const;

/** Hexadecimal digits with a UUID's dashes where the value has them. */
function shapedAs(value: string, digits: string): string {
  return value.replace(/[0-9a-f]/g, (_, at: number) => digits[at] ?? "0");
}

/** The text with a mark in the place of each value; undefined where it holds a mark's bytes already. */
export function markParameters(text: string, values: ParameterValues): string | undefined {
  if (text.includes(MARK)) return undefined;
  return values.reduce(
    (marked, value, index) => (value === "" ? marked : marked.replaceAll(value, `${MARK}${index}${MARK_END}`)),
    text,
  );
}

/** The text with the values in the place of the marks, as native/plan_cache.c does it. */
export function fillParameters(text: string, values: ParameterValues): string {
  const [start = "", ...marked] = text.split(MARK);
  // A mark is a number, in a subject with a length behind it, up to its end.
  const parts = marked.map((part) => `${values[Number.parseInt(part)] ?? ""}${part.slice(part.indexOf(MARK_END) + 1)}`);
  return start + parts.join("");
}

/**
 * The texts for any container, from those of real values and from those of two sets of placeholders; undefined where they
 * do not agree: then a parameter decides more than what stands in its place.
 */
export function planTemplate(
  real: readonly [values: ParameterValues, texts: PlanTexts],
  compiled: readonly (readonly [values: ParameterValues, texts: PlanTexts])[],
): PlanTexts | undefined {
  const [first, ...others] = compiled.map(([values, texts]) => markTexts(texts, values));
  if (first === undefined || others.some((other) => !areEqual(first, other))) return undefined;
  const [values, texts] = real;
  const filled = { state: fillParameters(first.state, values), image: fillParameters(first.image, values) };
  return areEqual(filled, texts) ? first : undefined;
}

function markTexts({ state, image }: PlanTexts, values: ParameterValues): PlanTexts | undefined {
  const [markedState, markedImage] = [markParameters(state, values), markParameters(image, values)];
  if (markedState === undefined || markedImage === undefined) return undefined;
  return { state: markedState, image: markedImage };
}

function areEqual(one: PlanTexts, other: PlanTexts | undefined): boolean {
  return one.state === other?.state && one.image === other.image;
}
