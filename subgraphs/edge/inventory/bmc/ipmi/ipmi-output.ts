// Reads what ipmitool prints: `sensor`, a table with thresholds, and `sel list`. Pure.
import type { LogEntry } from '../board-controller.ts';
import type { Measured, SensorHealth, SensorKind } from '../sensor.ts';

const UNITS: Readonly<Record<string, readonly [SensorKind, string]>> = {
  'degrees C': ['TEMPERATURE', 'Cel'],
  RPM: ['FAN', 'RPM'],
  Volts: ['VOLTAGE', 'V'],
  Amps: ['CURRENT', 'A'],
  Watts: ['POWER', 'W'],
  percent: ['OTHER', '%'],
};

/** Non-critical, critical, non-recoverable (IPMI 2.0, 35.4); `na` and a discrete sensor's `0x0100` say nothing. */
const HEALTH: Readonly<Record<string, SensorHealth>> = { ok: 'OK', nc: 'MINOR', cr: 'MAJOR', nr: 'CRITICAL' };

/** `name | reading | unit | status | lnr | lcr | lnc | unc | ucr | unr` */
export function readSensorTable(output: string): Measured[] {
  return output.split('\n').flatMap(line => {
    const [name, reading, unit, status, ...limits] = line.split('|').map(cell => cell.trim());
    if (!name || unit === undefined || status === undefined || unit === 'discrete') return [];
    const [kind, code] = UNITS[unit] ?? ['OTHER', unit];
    const [lnr, lcr, lnc, unc, ucr, unr] = limits.map(numberIn);
    return [
      {
        name,
        kind,
        unit: code,
        reading: numberIn(reading),
        said: HEALTH[status] ?? null,
        thresholds: {
          lowerMinor: lnc ?? null,
          lowerMajor: lcr ?? null,
          lowerCritical: lnr ?? null,
          upperMinor: unc ?? null,
          upperMajor: ucr ?? null,
          upperCritical: unr ?? null,
        },
      },
    ];
  });
}

const numberIn = (cell: string | undefined): number | null =>
  cell !== undefined && /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : null;

/** `1 | 11/22/2026 | 15:22:13 | Fan #0x30 | Lower Critical going low | Asserted`; ids are hexadecimal, times the BMC's own. */
export function readSel(output: string): LogEntry[] {
  return output.split('\n').flatMap(line => {
    const [id, date = '', time = '', ...words] = line.split('|').map(cell => cell.trim());
    if (!id || words.length === 0 || !/^[0-9a-f]+$/i.test(id)) return [];
    return [
      { id, at: instantOf(date, time), severity: null, message: words.filter(Boolean).join(': ').slice(0, 1_000) },
    ];
  });
}

/** Before its clock was set a BMC says `Pre-Init`. Times without a zone are taken as UTC, which BMCs keep mostly. */
function instantOf(date: string, time: string): string | null {
  const [, month, day, year] = /^(\d{2})\/(\d{2})\/(\d{2,4})$/.exec(date) ?? [];
  const [, clock] = /^(\d{2}:\d{2}:\d{2})/.exec(time) ?? [];
  if (!month || !year || !clock) return null;
  const at = Date.parse(`${year.length === 2 ? `20${year}` : year}-${month}-${day}T${clock}Z`);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
