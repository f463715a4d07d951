export const EXIT_SUCCESS = 0;

/** Every failure but exec's. */
export const EXIT_FAILURE = 1;

/** `exec` failed before its process ran: callers take any lower status for the process's own. */
export const EXIT_EXEC_FAILURE = 255;

/** The exit status of a verb that failed. Source: runc's fatalWithCode, as podman and conmon read it. */
export function failureStatus(verb: string): number {
  return verb === "exec" ? EXIT_EXEC_FAILURE : EXIT_FAILURE;
}
