import { limitProperty, type UnitProperty } from "./unit-property.ts";

const SECOND_US = 1_000_000n;
/** Systemd rounds to whole per cents of a processor, and so does this, upwards. */
const STEP_US = 10_000n;
export const DEFAULT_PERIOD_US = 100_000n;

/** A quota and a period of the kernel's, in microseconds, as systemd has them. Source: systemd.resource-control(5). */
export function quotaProperties(quota: bigint | "max", period: bigint): readonly UnitProperty[] {
  const periods = limitProperty("CPUQuotaPeriodUSec", period);
  if (quota === "max" || quota <= 0n) return [limitProperty("CPUQuotaPerSecUSec", "max"), periods];
  const perSecond = (quota * SECOND_US) / period;
  return [limitProperty("CPUQuotaPerSecUSec", ((perSecond + STEP_US - 1n) / STEP_US) * STEP_US), periods];
}
