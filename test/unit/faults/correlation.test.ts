// Which alarm explains which: the table follows from the catalogue, and the rule has no cycles whatever is open.
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../schema/sources.ts';
import { SEVERITIES } from '../../../subgraphs/catalogue/catalogue.ts';
import { HOST_CAUSES, rankOf, rootCauseOf } from '../../../subgraphs/catalogue/correlation.ts';
import type { AlarmRow } from '../../../subgraphs/edge/faults/alarms/alarm.ts';
import { anAlarmRow } from '../../support/builders.ts';

interface Definition {
  readonly alarm_id: string;
  readonly entity_type: unknown;
  readonly inhibit?: boolean;
  readonly service_affecting?: unknown;
  readonly severities: readonly string[];
  readonly maintenance_action?: unknown;
}

test('what explains a host is what the catalogue says takes the whole host out of service', () => {
  const file = path.join(packageRoot, 'subgraphs/catalogue/alarm-catalogue.json');
  const definitions = JSON.parse(fs.readFileSync(file, 'utf8')) as Definition[];
  const outOfService = definitions.filter(
    d =>
      d.entity_type === 'host=<hostname>' &&
      (d.inhibit ||
        (d.service_affecting === true &&
          d.severities.includes('critical') &&
          /^auto.recover$/.test(String(d.maintenance_action)))),
  );
  expect([...HOST_CAUSES].sort()).toEqual(outOfService.map(d => d.alarm_id).sort());
});

const alarm: fc.Arbitrary<AlarmRow> = fc
  .record({
    hostname: fc.constantFrom('a', 'b', 'a.b', null),
    below: fc.constantFrom('', '', '.port=eth0'),
    alarmId: fc.constantFrom(...HOST_CAUSES, '100.101', '300.001'),
    severity: fc.constantFrom(...SEVERITIES),
    suppressed: fc.boolean(),
    masked: fc.boolean(),
    clearedAt: fc.constantFrom(null, null, '2026-01-01T00:00:00.000Z'),
  })
  .map(({ below, ...given }) =>
    anAlarmRow({
      ...given,
      entityInstanceId: given.hostname === null ? 'cluster=c' : `host=${given.hostname}${below}`,
    }),
  );

describe('a root cause', () => {
  test('is open, seen, of the same host, and explained by nothing itself', () => {
    fc.assert(
      fc.property(alarm, fc.array(alarm, { maxLength: 12 }), (explained, others) => {
        const cause = rootCauseOf(explained, others);
        if (cause === null) return;
        expect(cause).toMatchObject({
          hostname: explained.hostname,
          clearedAt: null,
          suppressed: false,
          masked: false,
        });
        expect(cause.hostname).not.toBeNull();
        expect(rankOf(cause)).toBeLessThan(rankOf(explained));
        expect(rootCauseOf(cause, [explained, ...others])).toBeNull();
      }),
    );
  });

  const of = (alarmId: string, severity: AlarmRow['severity'], entityInstanceId = 'host=compute-0') =>
    anAlarmRow({ alarmId, severity, entityInstanceId });
  const port = of('300.001', 'MAJOR', 'host=compute-0.port=eth0');

  test('is the lock before the failure before the lost heartbeat', () => {
    const lock = of('200.001', 'WARNING');
    const failed = of('200.004', 'CRITICAL');
    const silent = of('200.005', 'CRITICAL');
    expect(rootCauseOf(port, [silent])).toBe(silent);
    expect(rootCauseOf(port, [silent, failed])).toBe(failed);
    expect(rootCauseOf(port, [silent, failed, lock])).toBe(lock);
    expect([rootCauseOf(silent, [failed]), rootCauseOf(failed, [silent])]).toEqual([failed, null]);
  });

  test('is no heartbeat that is lost only now and then, and nothing that lies below the host', () => {
    expect(rootCauseOf(port, [of('200.005', 'MAJOR')])).toBeNull();
    expect(rootCauseOf(port, [of('200.005', 'CRITICAL', 'host=compute-0.network=mgmt')])).toBeNull();
  });
});
