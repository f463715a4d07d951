import { annotationRules } from "./annotations.ts";
import { blockIoRules } from "./block-io.ts";
import { capabilityRules } from "./capabilities.ts";
import { cpuRules } from "./cpu.ts";
import { deviceListRules } from "./device-rules.ts";
import { deviceRules } from "./devices.ts";
import { hookRules } from "./hooks.ts";
import { idListRules } from "./id-lists.ts";
import { idMappingRules } from "./id-mappings.ts";
import { intelRdtRules } from "./intel-rdt.ts";
import { ioPriorityRules } from "./io-priority.ts";
import { memoryRules } from "./memory.ts";
import { memoryPolicyRules } from "./memory-policy.ts";
import { mountNamespaceRules } from "./mount-namespace.ts";
import { mountRules } from "./mounts.ts";
import { namespaceRules } from "./namespaces.ts";
import { netDeviceRules } from "./net-devices.ts";
import { ociVersionRules } from "./oci-version.ts";
import { pathRules } from "./paths.ts";
import { personalityRules } from "./personality.ts";
import { processRules } from "./process.ts";
import { resourceRules } from "./resources.ts";
import { rlimitRules } from "./rlimits.ts";
import { rootRules } from "./root.ts";
import type { RuleArea } from "./rule-area.ts";
import { schedulerRules } from "./scheduler.ts";
import { seccompRules } from "./seccomp.ts";
import { sysctlRules } from "./sysctl.ts";
import { userRules } from "./user.ts";
import { utsRules } from "./uts.ts";

/** Every rule, in the order in which problems are reported: that of the spec. */
export const RULE_AREAS: readonly RuleArea[] = [
  ociVersionRules,
  rootRules,
  mountRules,
  processRules,
  userRules,
  rlimitRules,
  capabilityRules,
  schedulerRules,
  ioPriorityRules,
  utsRules,
  hookRules,
  annotationRules,
  namespaceRules,
  mountNamespaceRules,
  idMappingRules,
  deviceRules,
  netDeviceRules,
  deviceListRules,
  memoryRules,
  cpuRules,
  blockIoRules,
  resourceRules,
  intelRdtRules,
  memoryPolicyRules,
  idListRules,
  sysctlRules,
  seccompRules,
  pathRules,
  personalityRules,
];
