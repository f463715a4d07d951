import { becomePlan } from "../apply/become-plan.ts";
import { awaitPlan } from "../apply/carry-out.ts";
import { NOTIFY_SOCKET_NAME, notifyPlan } from "../plan/parts/notify-socket.ts";
import { FIRST_FREE_SLOT } from "../plan/slots.ts";
import type { StoredState } from "../state/schema.ts";
import { bindDatagrams, close } from "../sys/descriptors.ts";
import { notifyDirectory } from "./notify-socket.ts";
import type { RuntimeContext } from "./options.ts";
import { settle } from "./settle.ts";

/** What a container that is about to start says of itself. */
interface Listening {
  readonly state: StoredState;
  readonly directory: string;
  /** The service manager's socket. */
  readonly manager: string;
}

export interface Readiness {
  /** Waits until the container is ready or ends. */
  readonly handOn: () => Promise<void>;
  readonly close: () => void;
}

/** Makes the container's notify socket, before its command runs. Throws SystemError. Source: sd_notify(3). */
export function listenForReadiness(context: RuntimeContext, { state, directory, manager }: Listening): Readiness {
  const socket = bindDatagrams(notifyDirectory(directory), NOTIFY_SOCKET_NAME);
  const plan = notifyPlan(state.id, manager, FIRST_FREE_SLOT, state.pid, state.startTime);
  const handOn = async (): Promise<void> => {
    const slots = [[FIRST_FREE_SLOT, socket]] as const;
    // A service manager may take the word of the process that it has started only.
    if (context.handover === "replace") becomePlan(plan, context.reportArgv ?? [], { preserveFds: 0 }, slots);
    settle(context, state.id, await awaitPlan(plan, { preserveFds: 0 }, slots));
  };
  return { handOn, close: () => close(socket) };
}
