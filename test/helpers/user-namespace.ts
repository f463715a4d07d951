import { chownSync } from "node:fs";
import type { TestBox } from "./test-box.ts";

/** The ids that useUserNamespace maps: those of users from here on, those of groups a thousand higher. */
export const FIRST_HOST_ID = 100_000;

/** Gives the root to the mapped ids, as whoever prepares such a bundle does. */
export async function useUserNamespace(box: TestBox): Promise<void> {
  box.config.linux.namespaces.push({ type: "user" });
  box.config.linux.uidMappings = [{ containerID: 0, hostID: FIRST_HOST_ID, size: 65_536 }];
  box.config.linux.gidMappings = [{ containerID: 0, hostID: FIRST_HOST_ID + 1000, size: 65_536 }];
  await box.program(["find", box.rootfs, "-type", "d", "-exec", "chown", "100000:101000", "{}", "+"]);
  chownSync(box.bundle, FIRST_HOST_ID, FIRST_HOST_ID + 1000);
}
