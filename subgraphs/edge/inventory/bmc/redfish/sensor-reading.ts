// Redfish's ways to tell a measurement, as one: the Sensor resource, and the older Thermal and Power. Pure.
import { type Measured, NO_THRESHOLDS, type SensorHealth, type SensorKind, type SensorThresholds } from '../sensor.ts';
import type { Limits, Power, SensorResource, Thermal } from './redfish-resources.ts';

type Status = SensorResource['Status'];

const KINDS: Readonly<Record<string, SensorKind>> = {
  Temperature: 'TEMPERATURE',
  Rotational: 'FAN',
  Voltage: 'VOLTAGE',
  Current: 'CURRENT',
  Power: 'POWER',
  Humidity: 'HUMIDITY',
};

export function ofSensor(sensor: SensorResource): Measured | null {
  if (isAbsent(sensor.Status)) return null;
  const t = sensor.Thresholds;
  return {
    name: sensor.Name ?? sensor.Id ?? '',
    kind: KINDS[sensor.ReadingType ?? ''] ?? kindOfUnit(sensor.ReadingUnits),
    unit: sensor.ReadingUnits,
    reading: sensor.Reading,
    said: saidBy(sensor.Status),
    thresholds: {
      lowerMinor: t?.LowerCaution?.Reading ?? null,
      lowerMajor: t?.LowerCritical?.Reading ?? null,
      lowerCritical: t?.LowerFatal?.Reading ?? null,
      upperMinor: t?.UpperCaution?.Reading ?? null,
      upperMajor: t?.UpperCritical?.Reading ?? null,
      upperCritical: t?.UpperFatal?.Reading ?? null,
    },
  };
}

/** Some leave the type out: fans are told in RPM. */
const kindOfUnit = (unit: string | null): SensorKind =>
  (({ Cel: 'TEMPERATURE', RPM: 'FAN', V: 'VOLTAGE', A: 'CURRENT', W: 'POWER' }) as const)[unit ?? ''] ?? 'OTHER';

export function ofThermal({ Temperatures, Fans }: Thermal): Measured[] {
  return [
    ...Temperatures.map(t => measured(t, t.Name, 'TEMPERATURE', 'Cel', t.ReadingCelsius)),
    ...Fans.map(f =>
      measured(
        f,
        f.Name ?? f.FanName, // FanName until Thermal 1.1
        'FAN',
        f.ReadingUnits === 'Percent' ? '%' : 'RPM',
        f.Reading ?? f.ReadingRPM,
      ),
    ),
  ].filter(sensor => sensor !== null);
}

export function ofPower({ PowerControl, Voltages, PowerSupplies }: Power): Measured[] {
  return [
    ...PowerControl.map((p, i) => measured(p, p.Name ?? `Power ${i + 1}`, 'POWER', 'W', p.PowerConsumedWatts)),
    ...Voltages.map(v => measured(v, v.Name, 'VOLTAGE', 'V', v.ReadingVolts)),
    ...PowerSupplies.map((p, i) =>
      measured(p, p.Name ?? `PSU ${i + 1}`, 'POWER', 'W', p.PowerInputWatts ?? p.LastPowerOutputWatts),
    ),
  ].filter(sensor => sensor !== null);
}

function measured(
  part: Partial<Limits> & { readonly Status: Status },
  name: string | null,
  kind: SensorKind,
  unit: string,
  reading: number | null | undefined,
): Measured | null {
  if (isAbsent(part.Status)) return null;
  return {
    name: name ?? '',
    kind,
    unit,
    reading: reading ?? null,
    said: saidBy(part.Status),
    thresholds: thresholdsOf(part),
  };
}

const thresholdsOf = (t: Partial<Limits>): SensorThresholds => ({
  ...NO_THRESHOLDS,
  lowerMinor: t.LowerThresholdNonCritical ?? null,
  lowerMajor: t.LowerThresholdCritical ?? null,
  lowerCritical: t.LowerThresholdFatal ?? null,
  upperMinor: t.UpperThresholdNonCritical ?? null,
  upperMajor: t.UpperThresholdCritical ?? null,
  upperCritical: t.UpperThresholdFatal ?? null,
});

/** A slot without a part has no sensor. */
const isAbsent = (status: Status): boolean => status?.State === 'Absent';

/** What is switched off or waits says nothing of its health. */
const HEALTH: Readonly<Record<string, SensorHealth>> = { OK: 'OK', Warning: 'MINOR', Critical: 'MAJOR' };
const saidBy = (status: Status): SensorHealth | null => {
  if (status?.State && !/^(Enabled|Quiesced|Degraded)$/.test(status.State)) return null;
  return HEALTH[status?.Health ?? ''] ?? null;
};
