import type { RestartPolicy } from "../container-config.ts";
import { usage } from "./usage.ts";

/** "no", "always", "unless-stopped" or "on-failure[:N]". */
export function parseRestart(text: string | undefined): RestartPolicy {
  const match = /^(no|always|unless-stopped|on-failure)(?::([0-9]+))?$/.exec(text ?? "no");
  const [, name, count] = match ?? [];
  const isKnown = name === "no" || name === "always" || name === "unless-stopped" || name === "on-failure";
  if (!isKnown)
    throw usage(
      `invalid restart policy: unknown policy '${text}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
      "--restart",
    );
  if (count !== undefined && name !== "on-failure") {
    throw usage("invalid restart policy: maximum retry count can only be used with 'on-failure'", "--restart");
  }
  return { Name: name, MaximumRetryCount: Number(count ?? 0) };
}
