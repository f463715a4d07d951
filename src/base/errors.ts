import type { JsonPointer } from "./json-pointer.ts";
import type { SpecRef } from "./spec-ref.ts";

/**
 * Every code that an error of this program can carry. Codes are stable: callers may match on them.
 * A config problem has its own code (see base/problem.ts); here are the kinds of failure.
 */
export const ERROR_CODES = [
  "ERR_ARCHIVE",
  "ERR_BUNDLE",
  "ERR_CONFIG_INVALID",
  "ERR_CONFIG_SYNTAX",
  "ERR_CONFLICT",
  "ERR_CONTAINER_EXISTS",
  "ERR_CONTAINER_NOT_FOUND",
  "ERR_CONTAINER_STATUS",
  "ERR_ENGINE",
  "ERR_FILE_EXISTS",
  "ERR_INTERNAL",
  "ERR_INVALID_ID",
  "ERR_NOT_SUPPORTED",
  "ERR_NO_SUCH_OBJECT",
  "ERR_STATE_CORRUPT",
  "ERR_STEP",
  "ERR_STORAGE",
  "ERR_SYSTEM",
  "ERR_TIMEOUT",
  "ERR_USAGE",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What an error knows beyond its sentence: where, by which rule, and how to mend it. */
export interface ErrorDetails {
  /** The place in config.json. */
  readonly pointer?: JsonPointer;
  /** The command line flag, with its dashes. */
  readonly flag?: string;
  readonly spec?: SpecRef;
  /** One imperative phrase that mends it. */
  readonly fix?: string;
  readonly cause?: unknown;
}

/** The base of every error that this program throws on purpose. The message is one sentence without a period. */
export class RuntimeError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** What went wrong while undoing; never replaces the cause. */
  readonly cleanup: Error[] = [];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }
}

/** A wrong flag or argument. */
export class UsageError extends RuntimeError {
  constructor(message: string, details: ErrorDetails = {}) {
    super("ERR_USAGE", message, details);
  }
}

/** The container is not in a state that the verb allows, or does not exist, or exists already. */
export class StateError extends RuntimeError {}

/** What the kernel said no to. */
export interface SyscallFailure {
  readonly syscall: string;
  /** The errno's number, positive. */
  readonly errno: number;
  readonly path?: string;
}

/** A system call failed on the host. The message is whole; the parts are for callers. */
export class SystemError extends RuntimeError {
  readonly failure: SyscallFailure;

  constructor(message: string, failure: SyscallFailure, details: ErrorDetails = {}) {
    super("ERR_SYSTEM", message, details);
    this.failure = failure;
  }
}
