import type { RestartPolicy } from "../container-config.ts";
import { usage } from "./usage.ts";

/** "no", "always", "unless-stopped" or "on-failure[:N]". */
export function parseRestart(text: string | undefined): RestartPolicy {
  const [name, count] = (text ?? "no").split(/:(.*)/s);
  const isKnown = name === "no" || name === "always" || name === "unless-stopped" || name === "on-failure";
  if (!isKnown)
    throw usage(
      `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
      "--restart",
    );
  if (count !== undefined && name !== "on-failure") {
    throw usage("invalid restart policy: maximum retry count can only be used with 'on-failure'", "--restart");
  }
  if (count !== undefined && !/^-?[0-9]+$/.test(count))
    throw usage("invalid restart policy format: maximum retry count must be an integer", "--restart");
  if (count?.startsWith("-") === true)
    throw usage("invalid restart policy: maximum retry count cannot be negative", "--restart");
  return { Name: name, MaximumRetryCount: Number(count ?? 0) };
}
