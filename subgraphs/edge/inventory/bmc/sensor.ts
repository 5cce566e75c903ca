// What a board management controller measures: one shape for Redfish's Sensors, its older Thermal and Power, and IPMI.

export type SensorKind = 'TEMPERATURE' | 'FAN' | 'VOLTAGE' | 'CURRENT' | 'POWER' | 'HUMIDITY' | 'OTHER';
export type SensorHealth = 'OK' | 'MINOR' | 'MAJOR' | 'CRITICAL';

/** In the unit of the reading; null where the BMC names none. */
export interface SensorThresholds {
  readonly lowerMinor: number | null;
  readonly lowerMajor: number | null;
  readonly lowerCritical: number | null;
  readonly upperMinor: number | null;
  readonly upperMajor: number | null;
  readonly upperCritical: number | null;
}

/** As the BMC tells it. */
export interface Measured {
  readonly name: string;
  readonly kind: SensorKind;
  /** UCUM, as Redfish has it: `Cel`, `RPM`, `%`, `V`, `A`, `W`; null when the BMC does not say. */
  readonly unit: string | null;
  /** Null while there is none: a part that is missing, or a host that is off. */
  readonly reading: number | null;
  readonly thresholds: SensorThresholds;
  /** What the BMC itself makes of it; null when it says nothing. */
  readonly said: SensorHealth | null;
}

/** As the region keeps it. */
export interface Sensor extends Omit<Measured, 'said'> {
  /** Null while nobody can say. */
  readonly health: SensorHealth | null;
  /** What the last look alone found; regions of the release before this one did not note it. */
  readonly found?: SensorHealth | null;
}

/**
 * Without the zeros that BMCs say where they have no threshold: any upper one, and the lower ones when all of them are 0. A
 * lower one of 0 beside others is one.
 */
export function realThresholds(t: SensorThresholds): SensorThresholds {
  const real = (limit: number | null): number | null => (limit === 0 ? null : limit);
  const lower = [t.lowerMinor, t.lowerMajor, t.lowerCritical];
  return {
    ...(lower.every(limit => limit === null || limit === 0)
      ? NO_THRESHOLDS
      : { lowerMinor: t.lowerMinor, lowerMajor: t.lowerMajor, lowerCritical: t.lowerCritical }),
    upperMinor: real(t.upperMinor),
    upperMajor: real(t.upperMajor),
    upperCritical: real(t.upperCritical),
  };
}

export const NO_THRESHOLDS: SensorThresholds = {
  lowerMinor: null,
  lowerMajor: null,
  lowerCritical: null,
  upperMinor: null,
  upperMajor: null,
  upperCritical: null,
};

const MOST_SENSORS = 512; // a four-socket server has about 200
const LONGEST_NAME = 128;
const LONGEST_UNIT = 16;

/** Without what no database and no alarm takes. */
const plain = (text: string, most: number): string =>
  text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, most);

/** Each with a name of its own, which is what tells their alarms apart, and with thresholds that are some. */
export function distinctlyNamed(sensors: readonly Measured[]): Measured[] {
  const uses = new Map<string, number>();
  return sensors.slice(0, MOST_SENSORS).map((sensor, i) => {
    const name = plain(sensor.name, LONGEST_NAME) || `sensor ${i + 1}`;
    const use = (uses.get(name) ?? 0) + 1;
    uses.set(name, use);
    return {
      ...sensor,
      thresholds: realThresholds(sensor.thresholds),
      unit: sensor.unit === null ? null : plain(sensor.unit, LONGEST_UNIT),
      name: use === 1 ? name : `${name} #${use}`,
    };
  });
}
