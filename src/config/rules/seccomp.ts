import { type JsonPointer, pointerTo } from "../../base/json-pointer.ts";
import type { Findings } from "../findings.ts";
import type { Seccomp, SeccompAction, SeccompSyscall } from "../types.gen.ts";
import type { RuleArea } from "./rule-area.ts";

/** What compiling the filter needs no machine to know. Source: config-linux.md#seccomp, seccomp(2). */
export const seccompRules: RuleArea = {
  about: ["/linux/seccomp"],
  check({ linux }, found) {
    const seccomp = linux?.seccomp;
    if (seccomp === undefined) return;
    checkListener(seccomp, found);
    checkErrno("/linux/seccomp/defaultErrnoRet", seccomp.defaultErrnoRet, seccomp.defaultAction, found);
    for (const [index, entry] of (seccomp.syscalls ?? []).entries()) {
      const pointer = pointerTo("/linux/seccomp/syscalls", index);
      checkErrno(pointerTo(pointer, "errnoRet"), entry.errnoRet, entry.action, found);
      checkArgs(pointer, entry, found);
      checkHandOver(pointer, entry, found);
    }
  },
};

const SPEC = "config-linux.md#seccomp";

function checkListener(seccomp: Seccomp, found: Findings): void {
  const { listenerPath = "", listenerMetadata = "", syscalls = [], defaultAction } = seccomp;
  if (listenerMetadata !== "" && listenerPath === "") {
    const place = { pointer: "/linux/seccomp/listenerMetadata", value: listenerMetadata, spec: SPEC } as const;
    const message = "must not be set without listenerPath: nobody would get it";
    found.error({ ...place, code: "SECCOMP_METADATA", message, fix: "add listenerPath, or take it out" });
  }
  if (defaultAction === "SCMP_ACT_NOTIFY") {
    const place = { pointer: "/linux/seccomp/defaultAction", value: defaultAction, spec: SPEC } as const;
    const message = "cannot be the default: the process that hands the listener over would wait for itself";
    found.error({ ...place, code: "SECCOMP_NOTIFY_DEFAULT", message });
  }
  const first = syscalls.findIndex(({ action }) => action === "SCMP_ACT_NOTIFY");
  if (first !== -1 && listenerPath === "") {
    const pointer = pointerTo("/linux/seccomp/syscalls", first, "action");
    const message = "needs listenerPath: somebody must answer";
    found.error({ code: "SECCOMP_NOTIFY_LISTENER", pointer, value: "SCMP_ACT_NOTIFY", message, spec: SPEC });
  }
}

/** With these the filtered process itself hands the listener over, and says that it is ready. */
const HAND_OVER_CALLS: Readonly<Record<string, true>> = { write: true, sendmsg: true };

function checkHandOver(pointer: JsonPointer, { action, names }: SeccompSyscall, found: Findings): void {
  if (action !== "SCMP_ACT_NOTIFY") return;
  for (const [index, name] of names.entries()) {
    if (!Object.hasOwn(HAND_OVER_CALLS, name)) continue;
    const place = { pointer: pointerTo(pointer, "names", index), value: name, spec: SPEC } as const;
    const message = `hands the listener over itself: SCMP_ACT_NOTIFY cannot be used for the ${name} syscall`;
    found.error({ ...place, code: "SECCOMP_NOTIFY_CALL", message, fix: "take it out of the list" });
  }
}

function checkErrno(pointer: JsonPointer, value: number | undefined, action: SeccompAction, found: Findings): void {
  if (value === undefined || action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE") return;
  const message = `must not be set: ${action} returns no errno`;
  found.error({ code: "SECCOMP_ERRNO", pointer, value, message, fix: "take it out", spec: SPEC });
}

/** System calls have six arguments. Source: seccomp(2), struct seccomp_data. */
const LAST_ARGUMENT = 5;

function checkArgs(pointer: JsonPointer, { args = [] }: SeccompSyscall, found: Findings): void {
  for (const [index, { index: value }] of args.entries()) {
    if (value <= LAST_ARGUMENT) continue;
    const place = { pointer: pointerTo(pointer, "args", index, "index"), value, spec: SPEC } as const;
    found.error({ ...place, code: "SECCOMP_ARGUMENT", message: `must be from 0 to ${LAST_ARGUMENT}` });
  }
}
