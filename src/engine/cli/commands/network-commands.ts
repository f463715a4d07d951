import type { MakeCommand } from "../../../cli/assemble-program.ts";
import { networkConnectCommand } from "./network-connect.ts";
import { networkCreateCommand } from "./network-create.ts";
import { networkDisconnectCommand } from "./network-disconnect.ts";
import { networkExplainCommand } from "./network-explain.ts";
import { networkInspectCommand } from "./network-inspect.ts";
import { networkLsCommand } from "./network-ls.ts";
import { networkPruneCommand } from "./network-prune.ts";
import { networkRmCommand } from "./network-rm.ts";

/** The commands about networks, in the order of the help. Each has its act in acts/network-acts.ts. */
export const NETWORK_COMMANDS: readonly MakeCommand[] = [
  networkConnectCommand,
  networkCreateCommand,
  networkDisconnectCommand,
  networkExplainCommand,
  networkInspectCommand,
  networkLsCommand,
  networkPruneCommand,
  networkRmCommand,
];
