import { terminalMode } from "../../sys/descriptors.ts";
import { EngineError } from "../base/errors.ts";
import type { Attachment } from "../container/monitor-protocol.ts";

export interface Streams {
  readonly input: boolean;
  readonly output: boolean;
  readonly error: boolean;
}

interface Wanted {
  readonly streams: Streams;
  readonly hasTerminal: boolean;
  readonly detachKeys: string | undefined;
  /** This process clears up afterwards. */
  readonly isCleaner: boolean;
}

/** What a monitor is asked for when this process shows the streams of what it holds. Throws EngineError. */
export function attachmentOf({ streams, hasTerminal, detachKeys, isCleaner }: Wanted): Attachment {
  const isRaw = hasTerminal && streams.input;
  const mode = isRaw ? terminalMode(0) : undefined;
  return {
    ...(streams.input && { input: 0 }),
    ...(streams.output && { output: 1 }),
    ...(streams.error && !hasTerminal && { error: 2 }),
    isCleaner,
    isRaw,
    ...(mode !== undefined && { terminalMode: mode }),
    detachKeys: hasTerminal ? parseDetachKeys(detachKeys) : [],
  };
}

/** "ctrl-p,ctrl-q": letters, or ctrl- and a letter or one of @[\]^_. Throws EngineError. */
export function parseDetachKeys(text = "ctrl-p,ctrl-q"): readonly number[] {
  return text
    .split(",")
    .filter((key) => key !== "")
    .map((key) => {
      const control = /^ctrl-([a-zA-Z@[\]\\^_])$/.exec(key)?.[1];
      if (control !== undefined) return control.toUpperCase().charCodeAt(0) - 64;
      if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
      throw new EngineError(`invalid detach keys "${text}"`, {
        code: "ERR_USAGE",
        flag: "--detach-keys",
        exitStatus: 125,
      });
    });
}
