import { pointerTo } from "../../base/json-pointer.ts";
import type { Findings } from "../findings.ts";
import type { Process } from "../types.gen.ts";
import { isWithin } from "./helpers.ts";
import type { RuleArea } from "./rule-area.ts";

/** Source: config.md#process, config.md#linux-process. */
export const processRules: RuleArea = {
  about: ["/process"],
  check({ process }, found) {
    if (process === undefined) return;
    checkCwd(process, found);
    checkArgs(process, found);
    checkEnv(process, found);
    checkConsoleSize(process, found);
    checkOomScoreAdj(process, found);
  },
};

const SPEC = "config.md#process";

function checkCwd({ cwd }: Process, found: Findings): void {
  if (cwd.startsWith("/")) return;
  found.error({
    code: "CWD_RELATIVE",
    pointer: "/process/cwd",
    value: cwd,
    message: "must be an absolute path",
    fix: `write "/${cwd}"`,
    spec: SPEC,
  });
}

function checkArgs({ args = [] }: Process, found: Findings): void {
  if (args.length === 0) {
    found.error({
      code: "ARGS_EMPTY",
      pointer: "/process/args",
      message: "needs at least one entry: the program to run",
      fix: 'write "args": ["sh"]',
      spec: SPEC,
    });
  } else if (args[0] === "") {
    const message = "must name the program to run";
    found.error({ code: "ARGS_PROGRAM_EMPTY", pointer: "/process/args/0", value: "", message, spec: SPEC });
  }
}

function checkEnv({ env = [] }: Process, found: Findings): void {
  for (const [index, entry] of env.entries()) {
    // The first character is part of the name: no name is empty.
    if (entry.indexOf("=") > 0) continue;
    found.error({
      code: "ENV_FORMAT",
      pointer: pointerTo("/process/env", index),
      value: entry,
      message: 'must be of the form "NAME=VALUE"',
      fix: entry.startsWith("=") || entry === "" ? "take it out" : `write "${entry}="`,
      spec: SPEC,
    });
  }
}

/** A terminal's size is two 16-bit numbers. Source: ioctl_tty(2), struct winsize. */
const WINDOW_MAX = 0xffff;

function checkConsoleSize({ consoleSize, terminal }: Process, found: Findings): void {
  if (consoleSize === undefined) return;
  if (terminal !== true) {
    const message = "means nothing without a terminal";
    const pointer = "/process/consoleSize";
    found.warning({ code: "CONSOLE_SIZE_UNUSED", pointer, value: consoleSize, message, spec: SPEC });
    return;
  }
  for (const side of ["height", "width"] as const) {
    const value = consoleSize[side];
    if (isWithin(value, 0, WINDOW_MAX)) continue;
    const pointer = pointerTo("/process/consoleSize", side);
    found.error({ code: "CONSOLE_SIZE_RANGE", pointer, value, message: `must be at most ${WINDOW_MAX}`, spec: SPEC });
  }
}

/** Source: proc_pid_oom_score_adj(5). */
const OOM_SCORE_ADJ = { min: -1000, max: 1000 };

function checkOomScoreAdj({ oomScoreAdj: value = 0 }: Process, found: Findings): void {
  const { min, max } = OOM_SCORE_ADJ;
  if (isWithin(value, min, max)) return;
  found.error({
    code: "OOM_SCORE_ADJ_RANGE",
    pointer: "/process/oomScoreAdj",
    value,
    message: `must be from ${min} to ${max}`,
    spec: "config.md#linux-process",
  });
}
