// How a sensor is, by its thresholds and by what its BMC says: the worse of the two, once two looks in a row find it. Pure.
import type { Measured, Sensor, SensorHealth } from './sensor.ts';

const RANK: Readonly<Record<SensorHealth, number>> = { OK: 0, MINOR: 1, MAJOR: 2, CRITICAL: 3 };

/** `isOn`: in a host that is off fans stand still and voltages are gone, which crosses lower thresholds and is no fault. */
export function healthOf(sensor: Measured, isOn: boolean): SensorHealth | null {
  const byReading = sensor.reading === null ? null : byThresholds(sensor, sensor.reading, isOn);
  if (byReading === null || sensor.said === null) return byReading ?? sensor.said;
  return RANK[byReading] >= RANK[sensor.said] ? byReading : sensor.said;
}

/** A threshold counts as crossed when it is reached, as in IPMI. */
function byThresholds({ thresholds: t }: Measured, reading: number, isOn: boolean): SensorHealth | null {
  const above = (limit: number | null): boolean => limit !== null && reading >= limit;
  const below = (limit: number | null): boolean => isOn && limit !== null && reading <= limit;
  if (above(t.upperCritical) || below(t.lowerCritical)) return 'CRITICAL';
  if (above(t.upperMajor) || below(t.lowerMajor)) return 'MAJOR';
  if (above(t.upperMinor) || below(t.lowerMinor)) return 'MINOR';
  return Object.values(t).some(limit => limit !== null) ? 'OK' : null;
}

/** `before`: the sensor as it was kept at the look before; null when there was none. */
export function judged({ said, ...sensor }: Measured, isOn: boolean, before: Sensor | null): Sensor {
  const found = healthOf({ ...sensor, said }, isOn);
  return { ...sensor, found, health: found === null ? null : confirmed(found, before) };
}

/**
 * A single reading is no fault: what is worse than before counts as far as the next look finds it too, which is StarlingX's
 * `debounce-1`. What is better counts at once.
 */
function confirmed(found: SensorHealth, before: Sensor | null): SensorHealth {
  const last = (before?.found === undefined ? before?.health : before.found) ?? 'OK';
  return RANK[found] <= RANK[last] ? found : last;
}

/** Whether the next look decides how it is. */
export const isUnsure = ({ found, health }: Sensor): boolean => found !== health;
