import { assertRefused, requirement } from "../requirement.ts";

requirement("config-linux.md#masked-paths", { id: "MD-CL-102", says: "maskedPaths are absolute" }, async (box) => {
  box.config.linux.maskedPaths = ["proc/kcore"];
  await assertRefused(box);
});

requirement("config-linux.md#readonly-paths", { id: "MD-CL-103", says: "readonlyPaths are absolute" }, async (box) => {
  box.config.linux.readonlyPaths = ["proc/sys"];
  await assertRefused(box);
});

requirement(
  "config-linux.md#personality",
  { id: "MD-CL-104", level: "REQUIRED", says: "personality has a domain" },
  async (box) => {
    Object.assign(box.config.linux, { personality: { flags: [] } });
    await assertRefused(box);
  },
);

requirement(
  "config-linux.md#memory-policy",
  { id: "MD-CL-81", level: "REQUIRED", says: "memoryPolicy has a mode", since: "1.3" },
  async (box) => {
    box.config.linux.memoryPolicy = { nodes: "0" };
    await assertRefused(box);
  },
);
