import { type ErrorCode, type ErrorDetails, RuntimeError } from "../../base/errors.ts";

/** Exit statuses that docker's users know. Source: "Exit status" of docker-run(1). */
export const EXIT_STATUS = {
  success: 0,
  /** A command that failed on some object. */
  failure: 1,
  /** `run` failed before the program ran, or a flag is wrong. */
  engine: 125,
  /** The program is there and cannot be executed. */
  cannotExecute: 126,
  /** The program is not there. */
  notFound: 127,
} as const;

export interface EngineErrorDetails extends ErrorDetails {
  readonly code?: ErrorCode;
  /** The exit status, where it is not the command's usual one. */
  readonly exitStatus?: number;
}

/** What `mydocker` throws on purpose. The message is one sentence without a period, in docker's words where it has some. */
export class EngineError extends RuntimeError {
  readonly exitStatus: number | undefined;

  constructor(message: string, { code = "ERR_ENGINE", exitStatus, ...details }: EngineErrorDetails = {}) {
    super(code, message, details);
    this.exitStatus = exitStatus;
  }
}

/** There is no object of this name or id. `kind` is docker's word: "container", "image", "volume", "network". */
export class NoSuchObjectError extends EngineError {
  constructor(kind: string, name: string) {
    super(`No such ${kind}: ${name}`, { code: "ERR_NO_SUCH_OBJECT" });
  }
}
