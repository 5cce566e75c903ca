// When maintenance windows begin, end and are forgotten, under a clock that the test moves.
import { beforeEach, describe, expect, test } from 'vitest';
import { rows } from '../../../subgraphs/runtime/sql.ts';
import { aRegionAt } from './region-at.ts';

let region: Awaited<ReturnType<typeof aRegionAt>>;

beforeEach(async () => {
  region = await aRegionAt('2026-11-01T12:00:00.000Z');
});

const plan = async (from: string | null, until: string, entityPattern: string | null = null) =>
  (
    await region.maintenance.start({
      from: from === null ? null : new Date(from),
      until: new Date(until),
      entityPattern,
      reason: 'new cables',
    })
  ).maintenanceWindow!;
const windows = () =>
  rows<{ begun: string | null; ended: string | null }>(
    region.dataSource,
    `select begun_at as begun, ended_at as ended from maintenance_window order by "from", id`,
  );
const hiddenNow = async (): Promise<boolean[]> =>
  (
    await rows<{ hidden: boolean }>(
      region.dataSource,
      'select in_maintenance as hidden from alarm order by raised_at, id',
    )
  ).map(({ hidden }) => hidden);
const kinds = async (): Promise<string[]> =>
  (await rows<{ kind: string }>(region.dataSource, 'select kind from outbox order by sequence')).map(
    ({ kind }) => kind,
  );

describe('a planned window', () => {
  test('hides from its beginning to its end, once', async () => {
    await region.raise(1);
    await plan('2026-11-01T13:00:00.000Z', '2026-11-01T14:00:00.000Z');
    region.clockTo('2026-11-01T12:59:59.999Z');
    expect(await region.maintenance.turn()).toBe(0);
    expect(await hiddenNow()).toEqual([false]);
    region.clockTo('2026-11-01T13:00:00.000Z');
    expect([await region.maintenance.turn(), await region.maintenance.turn()]).toEqual([1, 0]);
    expect(await hiddenNow()).toEqual([true]);
    region.clockTo('2026-11-01T14:00:00.000Z');
    expect([await region.maintenance.turn(), await region.maintenance.turn()]).toEqual([1, 0]);
    expect(await hiddenNow()).toEqual([false]);
    expect(await kinds()).toEqual(['RAISED', 'SUPPRESSED', 'UNSUPPRESSED']);
    expect(await windows()).toEqual([{ begun: '2026-11-01T13:00:00.000Z', ended: '2026-11-01T14:00:00.000Z' }]);
  });

  test('counts for new alarms from the very instant, before and after anybody looked', async () => {
    await plan('2026-11-01T13:00:00.000Z', '2026-11-01T14:00:00.000Z');
    region.clockTo('2026-11-01T13:00:00.000Z');
    await region.raise(1);
    expect(await hiddenNow()).toEqual([true]);
    await region.maintenance.turn();
    region.clockTo('2026-11-01T14:00:00.000Z');
    await region.raise(1);
    expect(await hiddenNow()).toEqual([true, false]);
    await region.maintenance.turn();
    expect(await hiddenNow()).toEqual([false, false]);
    expect(await kinds()).toEqual(['RAISED', 'RAISED', 'UNSUPPRESSED']);
  });

  test('whose whole time nobody looked is ended without a beginning', async () => {
    await region.raise(1);
    await plan('2026-11-01T13:00:00.000Z', '2026-11-01T14:00:00.000Z');
    region.clockTo('2026-11-01T15:00:00.000Z');
    expect(await region.maintenance.turn()).toBe(1);
    expect(await windows()).toEqual([{ begun: null, ended: '2026-11-01T15:00:00.000Z' }]);
    expect(await kinds()).toEqual(['RAISED']);
  });

  test('hands over to the next one without showing anything in between', async () => {
    await region.raise(1);
    await plan('2026-11-01T13:00:00.000Z', '2026-11-01T14:00:00.000Z');
    await plan('2026-11-01T14:00:00.000Z', '2026-11-01T15:00:00.000Z');
    for (const hour of ['13', '14', '15']) {
      region.clockTo(`2026-11-01T${hour}:00:00.000Z`);
      await region.maintenance.turn();
    }
    expect(await kinds()).toEqual(['RAISED', 'SUPPRESSED', 'UNSUPPRESSED']);
  });

  test('that has begun stays begun when the clock is set back', async () => {
    await plan('2026-11-01T13:00:00.000Z', '2026-11-01T14:00:00.000Z');
    region.clockTo('2026-11-01T13:00:00.000Z');
    await region.maintenance.turn();
    region.clockTo('2026-11-01T12:59:00.000Z');
    await region.raise(1);
    expect(await hiddenNow()).toEqual([true]);
  });
});

describe('the region', () => {
  test('takes so many windows at once and no more, until some have ended', async () => {
    const first = await plan(null, '2026-11-02T12:00:00.000Z', 'host=w-1');
    await rows(
      region.dataSource,
      `insert into maintenance_window (id, entity_pattern, "from", until, reason, at, begun_at)
       select gen_random_uuid(), entity_pattern, "from", until, reason, at, begun_at
       from maintenance_window, generate_series(2, 500)`,
    );
    const until = new Date('2026-11-02T12:00:00.000Z');
    const refused = await region.maintenance.start({ until, reason: 'one more' });
    expect(refused).toMatchObject({ maintenanceWindow: null, userErrors: [{ code: 'LIMIT_REACHED' }] });
    await region.maintenance.end(first.id, {});
    expect((await region.maintenance.start({ until, reason: 'one more' })).userErrors).toEqual([]);
  });

  test('forgets a window as long after its end as it does its history', async () => {
    const { id } = await plan(null, '2026-11-01T13:00:00.000Z');
    region.clockTo('2026-11-01T13:00:00.000Z');
    await region.maintenance.turn();
    const open = await plan(null, '2026-11-30T00:00:00.000Z');
    region.clockTo('2026-11-11T13:00:00.000Z'); // ten days
    await region.maintenance.sweep();
    expect(await windows()).toHaveLength(2);
    region.clockTo('2026-11-11T13:00:00.001Z');
    await region.maintenance.sweep();
    expect(await windows()).toHaveLength(1);
    expect((await region.maintenance.end(id, {})).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect((await region.maintenance.end(open.id, {})).userErrors).toEqual([]);
  });
});
