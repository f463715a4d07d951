import { pointerTo } from "../../base/json-pointer.ts";
import type { PlanDraft } from "../draft.ts";
import type { Linux } from "../plan-input.ts";

/** Devices of the host that become the container's. Source: config-linux.md#network-devices. */
export function addNetDevices(draft: PlanDraft, { netDevices }: Linux): void {
  for (const [name, device] of Object.entries(netDevices ?? {})) {
    const from = { config: pointerTo("/linux/netDevices", name) };
    draft.add("parent", from, { op: "net.device", name, newName: device.name || name });
  }
}
