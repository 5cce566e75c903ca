// What a BMC and its sensors make of a host: the conditions that alarms follow from. Pure. Texts hold no readings: they
// change with every look, and each change of a text is a change of the alarm.
import type { Condition } from '../conditions/host-condition.ts';
import type { BmcErrorCode } from './bmc-error.ts';
import type { Sensor, SensorHealth } from './sensor.ts';

const WHY: Readonly<Record<BmcErrorCode, string>> = {
  UNREACHABLE: 'it cannot be reached',
  SILENT: 'it does not answer in time',
  BUSY: 'it is busy',
  UNTRUSTED: 'its certificate is not trusted',
  UNAUTHORIZED: 'it does not take the user and the password',
  REFUSED: 'it refuses',
  GARBLED: 'its answers cannot be read',
  UNSUPPORTED: 'it does not offer what is needed',
  NO_TOOL: 'ipmitool is not installed',
  NO_PASSWORD: 'no password is known',
};

/** Null: it is in reach. */
export const accessConditions = (ip: string, lost: BmcErrorCode | null): Condition[] =>
  lost === null
    ? []
    : [
        {
          alarmId: '200.010',
          instance: '',
          severity: 'WARNING',
          reasonText: `Access to the board management controller at ${ip} failed: ${WHY[lost]}.`,
        },
      ];

/** NONE: there never were any. UNREADABLE: they could be read before. */
export type SensorFlaw = 'NONE' | 'UNREADABLE' | null;

const FLAWS: Readonly<Record<NonNullable<SensorFlaw>, Condition>> = {
  NONE: {
    alarmId: '200.014',
    instance: '',
    severity: 'MINOR',
    reasonText: 'The board management controller offers no sensors that can be read: the hardware is not watched.',
  },
  UNREADABLE: {
    alarmId: '200.015',
    instance: '',
    severity: 'MAJOR',
    reasonText: 'The sensors of the board management controller cannot be read any more.',
  },
};

export const sensorConditions = (sensors: readonly Sensor[], flaw: SensorFlaw): Condition[] => [
  ...sensors.flatMap(sensor =>
    sensor.health === null || sensor.health === 'OK'
      ? []
      : [
          {
            alarmId: '200.007',
            instance: `.sensor=${sensor.name}`,
            severity: sensor.health,
            reasonText: reasonOf(sensor, sensor.health),
          },
        ],
  ),
  ...(flaw === null ? [] : [FLAWS[flaw]]),
];

function reasonOf({ name, reading, unit, thresholds: t }: Sensor, health: Exclude<SensorHealth, 'OK'>): string {
  const limits = {
    MINOR: [t.lowerMinor, t.upperMinor],
    MAJOR: [t.lowerMajor, t.upperMajor],
    CRITICAL: [t.lowerCritical, t.upperCritical],
  } as const;
  const [lower, upper] = limits[health];
  const of = (limit: number): string => `${limit}${unit === null ? '' : ` ${unit}`}`;
  if (reading !== null && upper !== null && reading >= upper) return `${name} reads ${of(upper)} or more.`;
  if (reading !== null && lower !== null && reading <= lower) return `${name} reads ${of(lower)} or less.`;
  return `The board management controller reports ${name} as ${SAID[health]}.`;
}

const SAID = { MINOR: 'not well', MAJOR: 'failing', CRITICAL: 'beyond recovery' } as const;
