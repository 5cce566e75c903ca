// How sensors are read and judged: thresholds, what the BMC says, Redfish's two ways, ipmitool's table, and the alarms.
import { describe, expect, test } from 'vitest';
import { accessConditions, sensorConditions } from '../../../subgraphs/edge/inventory/bmc/bmc-conditions.ts';
import { BmcError, shown } from '../../../subgraphs/edge/inventory/bmc/bmc-error.ts';
import { readSel, readSensorTable } from '../../../subgraphs/edge/inventory/bmc/ipmi/ipmi-output.ts';
import {
  Link,
  Power,
  SensorResource,
  Thermal,
} from '../../../subgraphs/edge/inventory/bmc/redfish/redfish-resources.ts';
import { retryAfterMs } from '../../../subgraphs/edge/inventory/bmc/redfish/request-retry.ts';
import { neededAction, resetType } from '../../../subgraphs/edge/inventory/bmc/redfish/reset-type.ts';
import { ofPower, ofSensor, ofThermal } from '../../../subgraphs/edge/inventory/bmc/redfish/sensor-reading.ts';
import {
  distinctlyNamed,
  type Measured,
  NO_THRESHOLDS,
  realThresholds,
  type Sensor,
} from '../../../subgraphs/edge/inventory/bmc/sensor.ts';
import { healthOf, isUnsure, judged } from '../../../subgraphs/edge/inventory/bmc/sensor-health.ts';

const aSensor = (overrides: Partial<Measured> = {}): Measured => ({
  name: 'CPU1 Temp',
  kind: 'TEMPERATURE',
  unit: 'Cel',
  reading: 50,
  said: null,
  thresholds: { ...NO_THRESHOLDS, lowerMajor: 5, upperMinor: 80, upperMajor: 90, upperCritical: 100 },
  ...overrides,
});

describe('the health of a sensor', () => {
  test.each([
    [50, null, true, 'OK'],
    [79.9, null, true, 'OK'],
    [80, null, true, 'MINOR'],
    [90, null, true, 'MAJOR'],
    [100, null, true, 'CRITICAL'],
    [5, null, true, 'MAJOR'],
    [5, null, false, 'OK'], // off: what is low is no fault
    [95, null, false, 'MAJOR'],
    [50, 'MAJOR', true, 'MAJOR'], // the worse of the two
    [95, 'OK', true, 'MAJOR'],
    [null, 'MINOR', true, 'MINOR'],
    [null, null, true, null],
  ] as const)('reading %s, said %s, on %s: %s', (reading, said, isOn, health) => {
    expect(healthOf(aSensor({ reading, said }), isOn)).toBe(health);
  });

  test('is not known without thresholds and without a word of the BMC', () => {
    expect(healthOf(aSensor({ thresholds: NO_THRESHOLDS }), true)).toBeNull();
  });
});

const look = (before: Sensor | null, reading: number | null): Sensor => judged(aSensor({ reading }), true, before);
/** As two looks find it. */
const seen = (overrides: Partial<Measured>): Sensor =>
  judged(aSensor(overrides), true, judged(aSensor(overrides), true, null));

describe('a reading', () => {
  const healths = (...readings: readonly (number | null)[]) =>
    readings.map((_, i) => readings.slice(0, i + 1).reduce<Sensor | null>(look, null)?.health);

  test.each([
    ['that comes once is no fault', [50, 95, 50], ['OK', 'OK', 'OK']],
    ['that comes twice is one', [50, 95, 95], ['OK', 'OK', 'MAJOR']],
    ['counts as far as the one before it agrees', [50, 85, 105, 105], ['OK', 'OK', 'MINOR', 'CRITICAL']],
    ['that is better counts at once', [105, 105, 95, 50], ['OK', 'CRITICAL', 'MAJOR', 'OK']],
    ['that jumps to and fro changes nothing', [50, 105, 50, 105, 50], ['OK', 'OK', 'OK', 'OK', 'OK']],
    [
      'that is gone says nothing, and one after that begins anew',
      [95, 95, null, 95, 95],
      ['OK', 'MAJOR', null, 'OK', 'MAJOR'],
    ],
  ] as const)('%s', (_case, readings, expected) => {
    expect(healths(...readings)).toEqual(expected);
  });

  test('that is other than before wants another look', () => {
    expect(isUnsure(look(null, 50))).toBe(false);
    expect(isUnsure(look(null, 95))).toBe(true);
    expect(isUnsure(look(look(null, 95), 95))).toBe(false);
    expect(isUnsure(look(look(null, 95), 50))).toBe(false);
  });

  test('of a region before this release counts as it was kept', () => {
    const { found, ...kept } = seen({ reading: 95 });
    expect(found).toBe('MAJOR');
    expect(judged(aSensor({ reading: 95 }), true, kept).health).toBe('MAJOR');
  });
});

describe('conditions', () => {
  const of = (overrides: Partial<Measured>) => sensorConditions([seen(overrides)], null);

  test('name the sensor and the threshold, and stay the same while the reading moves', () => {
    expect(of({ reading: 91 })).toEqual([
      {
        alarmId: '200.007',
        instance: '.sensor=CPU1 Temp',
        severity: 'MAJOR',
        reasonText: 'CPU1 Temp reads 90 Cel or more.',
      },
    ]);
    expect(of({ reading: 97 })).toEqual(of({ reading: 91 }));
    expect(of({ reading: 4 })[0]).toMatchObject({ reasonText: 'CPU1 Temp reads 5 Cel or less.' });
    expect(of({ said: 'MAJOR' })[0]).toMatchObject({
      reasonText: expect.stringContaining('reports CPU1 Temp as failing'),
    });
    expect(of({})).toEqual([]);
    expect(of({ reading: null, said: null })).toEqual([]);
  });

  test('of sensors that cannot be read, and of a BMC out of reach', () => {
    expect(sensorConditions([], 'NONE')).toMatchObject([{ alarmId: '200.014', severity: 'MINOR' }]);
    expect(sensorConditions([], 'UNREADABLE')).toMatchObject([{ alarmId: '200.015', severity: 'MAJOR' }]);
    expect(accessConditions('10.0.0.7', 'SILENT')).toMatchObject([
      { alarmId: '200.010', severity: 'WARNING', instance: '' },
    ]);
    expect(accessConditions('10.0.0.7', null)).toEqual([]);
  });
});

test('sensors of one name are told apart, and names hold nothing that breaks a line', () => {
  const named = distinctlyNamed([aSensor({ name: 'Temp' }), aSensor({ name: ' Temp\0\n' }), aSensor({ name: '' })]);
  expect(named.map(s => s.name)).toEqual(['Temp', 'Temp #2', 'sensor 3']);
  expect(distinctlyNamed(Array.from({ length: 2_000 }, () => aSensor()))).toHaveLength(512);
});

test('zeros that stand for no threshold are none', () => {
  const zeros = { lowerMinor: 0, lowerMajor: 0, lowerCritical: 0, upperMinor: 0, upperMajor: 0, upperCritical: 0 };
  expect(realThresholds(zeros)).toEqual(NO_THRESHOLDS); // Supermicro X10
  expect(realThresholds({ ...zeros, upperMajor: 90 })).toEqual({ ...NO_THRESHOLDS, upperMajor: 90 });
  const margin = { ...NO_THRESHOLDS, lowerMinor: 0, lowerMajor: -4 }; // of a CPU to its limit
  expect(realThresholds(margin)).toEqual(margin);
  expect(distinctlyNamed([aSensor({ thresholds: zeros })])[0]!.thresholds).toEqual(NO_THRESHOLDS);
});

describe('Redfish', () => {
  const sensor = (resource: object) => ofSensor(SensorResource.parse({ Name: 'Fan', ...resource }));

  test('members that are missing or of another type count as not said', () => {
    expect(
      sensor({ Reading: 'hot', ReadingType: 7, Thresholds: { UpperCaution: null, UpperCritical: { Reading: 9 } } }),
    ).toEqual({
      name: 'Fan',
      kind: 'OTHER',
      unit: null,
      reading: null,
      said: null,
      thresholds: { ...NO_THRESHOLDS, upperMajor: 9 },
    });
    expect(sensor({ ReadingUnits: 'RPM' })).toMatchObject({ kind: 'FAN' });
    expect(sensor({ ReadingType: 'Percent', PhysicalContext: 'Fan' })).toMatchObject({ kind: 'FAN' });
    expect(Thermal.parse({ Fans: 'none' })).toEqual({ Temperatures: [], Fans: [] });
  });

  test('links lead to the same service only, blanks and all', () => {
    const to = (at: unknown) => Link.safeParse({ '@odata.id': at }).data ?? null;
    expect(to('/redfish/v1/Chassis/1/Sensors/CPU 1#/Reading')).toBe('/redfish/v1/Chassis/1/Sensors/CPU%201');
    for (const at of ['https://evil.example/x', '//evil.example/x', 'Systems/1', '/a\r\nHost: b', 7, null])
      expect(to(at)).toBeNull();
  });

  test('a slot without a part has no sensor, one that waits has no health', () => {
    expect(sensor({ Status: { State: 'Absent' } })).toBeNull();
    expect(sensor({ Status: { State: 'StandbyOffline', Health: 'Critical' } })).toMatchObject({ said: null });
    expect(sensor({ Status: { State: 'Enabled', Health: 'Critical' } })).toMatchObject({ said: 'MAJOR' });
  });

  test('Thermal and Power in the forms of several makers', () => {
    const fans = [
      { FanName: 'Old', ReadingRPM: 900 },
      { Name: 'Share', Reading: 40, ReadingUnits: 'Percent', LowerThresholdCritical: 10 },
    ];
    expect(ofThermal(Thermal.parse({ Fans: fans }))).toMatchObject([
      { name: 'Old', reading: 900, unit: 'RPM' },
      { name: 'Share', reading: 40, unit: '%', thresholds: { lowerMajor: 10 } },
    ]);
    const power = {
      PowerSupplies: [{ LastPowerOutputWatts: 120, Status: { Health: 'Warning' } }, { Status: { State: 'Absent' } }],
    };
    expect(ofPower(Power.parse(power))).toMatchObject([{ name: 'PSU 1', kind: 'POWER', reading: 120, said: 'MINOR' }]);
    expect(ofPower(Power.parse({}))).toEqual([]);
  });

  test.each([
    ['ON', ['On', 'ForceOff'], 'On'],
    ['ON', ['PushPowerButton'], 'PushPowerButton'],
    ['GRACEFUL_OFF', ['ForceOff'], null],
    ['FORCE_OFF', ['PushPowerButton'], null], // it would only ask
    ['RESET', ['PowerCycle'], 'PowerCycle'],
    ['CYCLE', ['On', 'ForceRestart'], 'ForceRestart'],
    ['RESET', null, 'ForceRestart'],
    ['RESET', [], 'ForceRestart'],
  ] as const)('%s among %j is %s', (action, offered, type) => {
    expect(resetType(action, offered)).toBe(type);
  });

  test('what is left of an order in a host that is on or off', () => {
    const table = (['ON', 'GRACEFUL_OFF', 'FORCE_OFF', 'CYCLE', 'RESET'] as const).map(a => [
      neededAction(a, 'ON'),
      neededAction(a, 'OFF'),
    ]);
    expect(table).toEqual([
      [null, 'ON'],
      ['GRACEFUL_OFF', null],
      ['FORCE_OFF', null],
      ['CYCLE', 'ON'],
      ['RESET', 'ON'],
    ]);
  });
});

describe('a request is sent again', () => {
  const answer = (status: number, retryAfter?: string) => ({
    status,
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  });
  const NOW = Date.parse('2026-11-22T12:00:00Z');

  test.each([
    ['GET', answer(503), 100],
    ['GET', answer(503, '2'), 2_000],
    ['GET', answer(503, 'Sun, 22 Nov 2026 12:00:03 GMT'), 3_000],
    ['GET', answer(503, '86400'), 10_000],
    ['GET', answer(503, 'later'), 100],
    ['GET', answer(502), 100],
    ['POST', answer(503, '1'), 1_000],
    ['POST', answer(502), null], // it may have been carried out
    ['POST', new BmcError('UNREACHABLE', ''), null],
    ['PATCH', new BmcError('UNREACHABLE', ''), 100],
    ['GET', new BmcError('SILENT', ''), null],
    ['GET', new BmcError('UNAUTHORIZED', ''), null],
    ['GET', answer(200), null],
    ['GET', answer(500), null],
  ] as const)('%s %j: after %s ms', (method, reply, ms) => {
    expect(retryAfterMs({ method }, reply, 100, NOW)).toBe(ms);
  });
});

describe('ipmitool', () => {
  test('prints a table of sensors', () => {
    const table = `CPU1 Temp        | 45.000     | degrees C  | ok    | 0.000     | 0.000     | 0.000     | 85.000    | 90.000    | 95.000
FAN1             | 300.000    | RPM        | cr    | 100.000   | 300.000   | 500.000   | na        | na        | na
FAN2             | na         | RPM        | na    | na        | na        | na        | na        | na        | na
PS1 Status       | 0x1        | discrete   | 0x0100| na        | na        | na        | na        | na        | na

Error reading sensor`;
    expect(readSensorTable(table)).toEqual([
      {
        name: 'CPU1 Temp',
        kind: 'TEMPERATURE',
        unit: 'Cel',
        reading: 45,
        said: 'OK',
        thresholds: {
          lowerCritical: 0,
          lowerMajor: 0,
          lowerMinor: 0,
          upperMinor: 85,
          upperMajor: 90,
          upperCritical: 95,
        },
      },
      {
        name: 'FAN1',
        kind: 'FAN',
        unit: 'RPM',
        reading: 300,
        said: 'MAJOR',
        thresholds: {
          lowerCritical: 100,
          lowerMajor: 300,
          lowerMinor: 500,
          upperMinor: null,
          upperMajor: null,
          upperCritical: null,
        },
      },
      { name: 'FAN2', kind: 'FAN', unit: 'RPM', reading: null, said: null, thresholds: NO_THRESHOLDS },
    ]);
  });

  test('prints a log', () => {
    const log = `   1 | 11/22/2026 | 15:22:13 | Fan #0x30 | Lower Critical going low  | Asserted
   a | 11/22/26 | 15:22:14 UTC | Power Supply #0x51 | Failure detected () | Asserted
   b |  Pre-Init  |0000000012| Event Logging | Log area reset/cleared | Asserted
SEL has no entries`;
    expect(readSel(log)).toEqual([
      {
        id: '1',
        at: '2026-11-22T15:22:13.000Z',
        severity: null,
        message: 'Fan #0x30: Lower Critical going low: Asserted',
      },
      {
        id: 'a',
        at: '2026-11-22T15:22:14.000Z',
        severity: null,
        message: 'Power Supply #0x51: Failure detected (): Asserted',
      },
      { id: 'b', at: null, severity: null, message: 'Event Logging: Log area reset/cleared: Asserted' },
    ]);
  });
});

test('what a BMC says is shown without secrets, on one line, not long', () => {
  expect(shown(`You sent: {"Password":"s3cret"}\n\u001b[31mTOKEN`, ['s3cret', 'TOKEN', null])).toBe(
    'You sent: {"Password":"***"} [31m***',
  );
  expect(shown('x'.repeat(5_000), [])).toHaveLength(300);
});
