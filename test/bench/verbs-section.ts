import { makeBundle } from "./bench-bundle.ts";
import type { BenchContext, Section } from "./bench-context.ts";
import { medianMs } from "./comparison.ts";
import { argvOf, type Contender, idOf } from "./contenders.ts";
import { measure } from "./measure.ts";
import { markdownTable } from "./table.ts";

const PAUSE_MS = 40;

/** One life in every round; between a signal and `delete` the pauses give the process the time to end. */
const VERBS = ["create", "start", "state", "exec", "kill", "delete"] as const;

/** The verbs that a client calls for a container, one after the other. */
export function verbsSection({ directory, contenders, rounds }: BenchContext): Section {
  const bundle = makeBundle(directory, "verbs", { args: ["sleep", "1000"] });
  const commands = VERBS.flatMap((verb) => contenders.map((each) => commandLine(each, verb, bundle)));
  const results = measure({ rounds, pauseMs: PAUSE_MS, leavesContainers: true }, commands);
  const rows = VERBS.map((verb, index) => {
    const medians = contenders.map((_, at) => medianMs(results[index * contenders.length + at] ?? []));
    const ratios = contenders.flatMap(({ isPeer }, at) =>
      isPeer ? [((medians[0] ?? Number.NaN) / (medians[at] ?? Number.NaN)).toFixed(2)] : [],
    );
    return [`\`${verb}\``, ...medians.map((value) => value.toFixed(1)), ...ratios];
  });
  const peers = contenders.filter(({ isPeer }) => isPeer);
  return {
    title: `The verbs of one life, ${PAUSE_MS} ms of idling before each: medians in ms`,
    text: markdownTable(
      ["", ...contenders.map(({ name }) => name), ...peers.map(({ name }) => `ratio to ${name}`)],
      rows,
    ),
  };
}

function commandLine(each: Contender, verb: (typeof VERBS)[number], bundle: string): readonly string[] {
  const id = idOf(each);
  switch (verb) {
    case "create":
      return argvOf(each, verb, "--bundle", bundle, id);
    case "exec":
      return argvOf(each, verb, id, "true");
    case "kill":
      return argvOf(each, verb, id, "KILL");
    default:
      return argvOf(each, verb, id);
  }
}
