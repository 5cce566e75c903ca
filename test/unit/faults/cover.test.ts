// Which alarms suppressions and maintenance windows hide, and what has to change when they begin and end.
import { describe, expect, test } from 'vitest';
import type { AlarmRow } from '../../../subgraphs/edge/faults/alarms/alarm.ts';
import { type Cover, covers, hiddenBy, rehidden } from '../../../subgraphs/edge/faults/hiding/cover.ts';
import { anAlarmRow } from '../../support/builders.ts';

const aCover = (overrides: Partial<Cover> = {}): Cover => ({
  hides: 'inMaintenance',
  alarmId: null,
  entityPattern: null,
  reason: 'cables',
  by: 'ada',
  ...overrides,
});
const AT = '2026-01-02T00:00:00.000Z';
const ended = { by: null, comment: 'over' };
const changes = (open: readonly AlarmRow[], inForce: readonly Cover[]) =>
  rehidden(open, 'inMaintenance', inForce, ended, AT).map(outcome => {
    if (outcome.kind === 'REFUSED' || outcome.kind === 'UNCHANGED') return outcome.kind;
    return [outcome.kind, outcome.alarm.entityInstanceId, outcome.alarm.inMaintenance, outcome.note];
  });

describe('a cover', () => {
  test.each<[string, Partial<Cover>, string, string, boolean]>([
    ['of everything', {}, '200.001', 'host=a', true],
    ['of a place', { entityPattern: 'host=a' }, '200.001', 'host=a.port=b', true],
    ['of a place, a neighbour', { entityPattern: 'host=a' }, '200.001', 'host=ab', false],
    ['of an alarmId', { alarmId: '100.101' }, '100.101', 'host=a', true],
    ['of another alarmId', { alarmId: '100.101' }, '100.102', 'host=a', false],
    ['of both', { alarmId: '100.101', entityPattern: 'host=a' }, '100.101', 'host=b', false],
  ])('%s', (_, cover, alarmId, entityInstanceId, expected) => {
    expect(covers(aCover(cover), { alarmId, entityInstanceId })).toBe(expected);
  });

  test('sets its own flag on a new alarm and no other', () => {
    const alarm = { alarmId: '100.101', entityInstanceId: 'host=a' };
    expect(hiddenBy([], alarm)).toEqual({ suppressed: false, inMaintenance: false });
    expect(hiddenBy([aCover()], alarm)).toEqual({ suppressed: false, inMaintenance: true });
    expect(hiddenBy([aCover({ hides: 'suppressed' })], alarm)).toEqual({ suppressed: true, inMaintenance: false });
  });
});

describe('open alarms', () => {
  const open = [
    anAlarmRow({ entityInstanceId: 'host=a' }),
    anAlarmRow({ entityInstanceId: 'host=b', inMaintenance: true }),
    anAlarmRow({ entityInstanceId: 'host=c', inMaintenance: true }),
    anAlarmRow({ entityInstanceId: 'host=d' }),
  ];

  test('are hidden with the reason of what hides them, shown when nothing does, and else left alone', () => {
    const inForce = [aCover({ entityPattern: 'host=a' }), aCover({ entityPattern: 'host=b', by: 'bo' })];
    expect(changes(open, inForce)).toEqual([
      ['SUPPRESSED', 'host=a', true, { by: 'ada', comment: 'cables' }],
      ['UNSUPPRESSED', 'host=c', false, ended],
    ]);
  });

  test('do not care for covers of the other kind', () => {
    expect(changes(open, [aCover({ hides: 'suppressed' })])).toEqual([
      ['UNSUPPRESSED', 'host=b', false, ended],
      ['UNSUPPRESSED', 'host=c', false, ended],
    ]);
  });
});
