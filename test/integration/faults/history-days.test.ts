// The days of the logs under a clock that the test moves: made ahead, dropped by age and size, never in the way of
// an alarm.
import { beforeEach, describe, expect, test } from 'vitest';
import { rows } from '../../../subgraphs/runtime/sql.ts';
import { aRegionAt } from './region-at.ts';

let region: Awaited<ReturnType<typeof aRegionAt>>;

beforeEach(async () => {
  region = await aRegionAt('2026-11-01T12:00:00.000Z');
});

describe('a sweep', () => {
  test('makes today and two days ahead, once', async () => {
    await region.history.sweep();
    await region.history.sweep();
    expect(await region.days()).toEqual(['20261101', '20261102', '20261103']);
  });

  test('drops days that are wholly too old, and alarms that were cleared before the history begins', async () => {
    await region.history.sweep();
    const [open, cleared, young] = await region.raise(3);
    await region.alarms.comment(cleared!.id, { comment: 'bye' });
    await region.alarms.clear({ id: cleared!.id });
    region.clockTo('2026-11-03T12:00:00.000Z');
    await region.alarms.clear({ id: young!.id });
    region.clockTo('2026-11-11T23:59:00.000Z'); // the first day's last minute is not ten days old
    await region.history.sweep();
    expect((await region.days())[0]).toBe('20261101');
    expect(await region.count('alarm')).toBe(2); // its clear at noon is
    expect(await region.count('alarm_comment')).toBe(0);
    region.clockTo('2026-11-12T00:00:00.000Z');
    await region.history.sweep();
    expect((await region.days())[0]).toBe('20261102');
    expect(await region.count('alarm_transition')).toBe(1);
    expect((await rows<{ id: string }>(region.dataSource, 'select id from alarm')).map(({ id }) => id).sort()).toEqual(
      [open!.id, young!.id].sort(),
    );
  });

  test('drops the oldest days when there are too many rows, and never today', async () => {
    for (const day of ['01', '02', '03', '04']) {
      region.clockTo(`2026-11-${day}T12:00:00.000Z`);
      await region.history.sweep();
      await region.raise(400);
    }
    await region.history.sweep();
    expect((await region.days())[0]).toBe('20261103');
    expect(await region.count('alarm_transition')).toBe(800);
    await region.raise(900);
    await region.history.sweep();
    expect((await region.days())[0]).toBe('20261104');
    expect(await region.count('alarm_transition')).toBe(1_300);
    expect(await region.count('alarm')).toBe(2_500); // open alarms are no history
  });

  test('leaves a day that somebody reads for the next sweep, and keeps nobody waiting', async () => {
    await region.history.sweep();
    await region.raise(1);
    region.clockTo('2026-12-01T00:00:00.000Z');
    const reader = region.dataSource.createQueryRunner();
    await reader.startTransaction();
    await reader.query('select count(*) from alarm_transition');
    await expect(region.history.sweep()).rejects.toThrow(/lock timeout/);
    expect(await region.raise(1)).toHaveLength(1);
    await reader.commitTransaction();
    await reader.release();
    await region.history.sweep();
    expect((await region.days())[0]).toBe('20261201');
  });
});

describe('an alarm', () => {
  test('is raised on a day that no sweep has made: after a leap of the clock, and before the first sweep', async () => {
    expect(await region.raise(1)).toHaveLength(1);
    await region.history.sweep();
    region.clockTo('2027-06-01T00:00:00.000Z');
    await region.raise(1);
    region.clockTo('2026-10-01T00:00:00.000Z');
    await region.raise(1);
    await region.raise(1);
    expect(await region.days()).toEqual(['20261001', '20261101', '20261102', '20261103', '20270601']);
    expect(await region.count('alarm_transition')).toBe(4);
  });
});

describe('the event log', () => {
  const report = async (n: number) => {
    const items = Array.from({ length: n }, (_, i) => ({ eventId: '200.022', entityInstanceId: `host=h-${i}` }));
    expect((await region.events.reportAll({ events: items })).results).toHaveLength(n);
  };

  test('has days of its own: made ahead, dropped by age, and by its own size', async () => {
    await report(1); // before the first sweep
    await region.events.sweep();
    expect(await region.days('event')).toEqual(['20261101', '20261102', '20261103']);
    expect(await region.days()).toEqual([]);
    for (const day of ['02', '03', '04']) {
      region.clockTo(`2026-11-${day}T12:00:00.000Z`);
      await region.raise(900); // counts for the alarm history only
      await report(400);
    }
    await region.events.sweep();
    expect((await region.days('event'))[0]).toBe('20261103');
    expect(await region.count('event')).toBe(800);
    region.clockTo('2026-11-14T00:00:00.000Z'); // all of the 3rd is ten days old
    await region.events.sweep();
    expect((await region.days('event'))[0]).toBe('20261104');
    expect(await region.count('event')).toBe(400);
    expect(await region.count('alarm_transition')).toBe(2_700);
  });
});
