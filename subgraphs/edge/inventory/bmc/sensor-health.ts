// How a sensor is, by its thresholds and by what its BMC says: the worse of the two. Pure.
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

export const judged = ({ said, ...sensor }: Measured, isOn: boolean): Sensor => ({
  ...sensor,
  health: healthOf({ ...sensor, said }, isOn),
});
