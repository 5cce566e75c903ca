// What the sensors of a simulated server measure at an instant: each wanders slowly around its own mean. Pure.
import { chanceAt } from '../random.ts';

export interface SensorPlan {
  readonly name: string;
  /** Redfish's ReadingType. */
  readonly type: 'Temperature' | 'Rotational' | 'Voltage' | 'Power';
  readonly unit: 'Cel' | 'RPM' | 'V' | 'W';
  readonly mean: number;
  /** How far it wanders either way. */
  readonly swing: number;
  readonly lower?: Limits;
  readonly upper?: Limits;
}

interface Limits {
  readonly caution: number;
  readonly critical: number;
  readonly fatal?: number;
}

export interface SensorAt extends SensorPlan {
  /** Null while the host is off and the sensor with it. */
  readonly reading: number | null;
  readonly health: 'OK' | 'Warning' | 'Critical';
}

const temperature = (name: string, mean: number, caution: number): SensorPlan => ({
  name,
  type: 'Temperature',
  unit: 'Cel',
  mean,
  swing: 4,
  upper: { caution, critical: caution + 8, fatal: caution + 15 },
});

const fan = (name: string): SensorPlan => ({
  name,
  type: 'Rotational',
  unit: 'RPM',
  mean: 7_200,
  swing: 900,
  lower: { caution: 2_000, critical: 1_200, fatal: 500 },
});

const voltage = (name: string, mean: number): SensorPlan => ({
  name,
  type: 'Voltage',
  unit: 'V',
  mean,
  swing: mean * 0.01,
  lower: { caution: mean * 0.93, critical: mean * 0.9 },
  upper: { caution: mean * 1.07, critical: mean * 1.1 },
});

const supply = (name: string, mean: number): SensorPlan => ({ name, type: 'Power', unit: 'W', mean, swing: 25 });

export const planSensors = (sockets: number): readonly SensorPlan[] => [
  temperature('Inlet Temp', 23, 38),
  temperature('Exhaust Temp', 38, 70),
  ...Array.from({ length: sockets }, (_, i) => temperature(`CPU${i + 1} Temp`, 58, 85)),
  temperature('DIMM Zone Temp', 44, 80),
  ...Array.from({ length: 2 + 2 * sockets }, (_, i) => fan(`Fan${i + 1}`)),
  voltage('12V', 12),
  voltage('5V', 5),
  voltage('3.3V', 3.3),
  ...Array.from({ length: sockets }, (_, i) => voltage(`CPU${i + 1} VCORE`, 1.8)),
  supply('PSU1 Input', 140 * sockets),
  supply('PSU2 Input', 140 * sockets),
];

const STANDBY = new Set(['Inlet Temp', 'PSU1 Input', 'PSU2 Input']); // measured by the board itself

/** `forced` are readings that somebody set; they stand until taken back. */
export function sensorAt(
  plan: SensorPlan,
  key: string,
  now: number,
  isOn: boolean,
  forced: ReadonlyMap<string, number>,
): SensorAt {
  const isMeasured = isOn || STANDBY.has(plan.name);
  const reading = isMeasured ? (forced.get(plan.name) ?? wander(plan, `${key}/${plan.name}`, now)) : null;
  return { ...plan, reading, health: reading === null ? 'OK' : healthAt(plan, reading) };
}

function wander({ mean, swing }: SensorPlan, key: string, now: number): number {
  const period = 600_000 * (1 + 2 * chanceAt(`${key}/period`)); // ms; 10 to 30 minutes
  const phase = chanceAt(`${key}/phase`);
  const value = mean + swing * Math.sin(2 * Math.PI * (now / period + phase));
  return mean < 20 ? Math.round(value * 1_000) / 1_000 : Math.round(value);
}

function healthAt({ lower, upper }: SensorPlan, reading: number): SensorAt['health'] {
  if ((upper && reading >= upper.critical) || (lower && reading <= lower.critical)) return 'Critical';
  return (upper && reading >= upper.caution) || (lower && reading <= lower.caution) ? 'Warning' : 'OK';
}
