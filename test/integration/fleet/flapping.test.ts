// Flapping alarms: marked by what the region has stored, and told to the centre without a transition left out.
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { readCatalogue } from '../../../subgraphs/catalogue/catalogue.ts';
import { alarmService } from '../../../subgraphs/edge/faults/alarms/alarm-service.ts';
import { unmarkQuiet } from '../../../subgraphs/edge/faults/detectors/flapping-watch.ts';
import { alarmHistory } from '../../../subgraphs/edge/faults/history/alarm-history.ts';
import { faultsTables } from '../../../subgraphs/edge/faults/tables.ts';
import { openDatabase } from '../../../subgraphs/runtime/database.ts';
import { openOutbox } from '../../../subgraphs/runtime/outbox.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig, uniquePrefix } from '../../support/settings.ts';
import { aHouse, hands } from '../edge/region-house.ts';
import { aCentre, FEED } from './fleet-house.ts';

const left = leftovers();
const MINUTE = 60_000;
const key = { alarmId: '300.001', entityInstanceId: 'host=h.port=eth0' };
const severity = 'MAJOR' as const;

describe('an alarm of a region whose clock we hold', () => {
  const settings = { raises: 3, windowMs: 10 * MINUTE, quietMs: 10 * MINUTE };

  /** Nothing is kept in memory: each call works like a process just started. */
  async function aRegion() {
    let at = Date.parse('2026-03-01T12:00:00.000Z');
    const now = () => new Date(at);
    const url = inject('databaseUrl');
    const dataSource = await openDatabase({
      url,
      database: uniquePrefix(),
      tables: faultsTables,
      poolSize: 3,
      log: quiet,
    });
    left.add(() => dataSource.destroy());
    const outbox = openOutbox({ dataSource, channel: 'faults_outbox', now });
    const retention = testConfig().faults;
    const history = alarmHistory({ sql: dataSource, outbox, retention, log: quiet, now });
    const deps = { sql: dataSource, outbox, history, now };
    const alarms = () =>
      alarmService({ ...deps, flapping: settings, catalogue: readCatalogue(), newId: () => randomUUID() });
    return {
      pass: (minutes: number) => {
        at += minutes * MINUTE;
      },
      raise: async () => (await alarms().raise({ ...key, severity })).alarm!,
      raiseTwiceAtOnce: async () =>
        (
          await alarms().raiseAll({
            alarms: [
              { ...key, severity },
              { ...key, severity },
            ],
          })
        ).results[0]!.alarm!,
      clear: () => alarms().clearAll({ alarms: [key] }),
      settle: () => alarms().settle([{ key, decide: () => ({ ...key, severity, reasonText: null }) }]),
      unmark: () => unmarkQuiet({ ...deps, settings }),
      changes: async () =>
        (await outbox.read('0', 100)).map(change => [change.kind, (change.row as { flapping: boolean }).flapping]),
    };
  }

  test('is marked with the third raise in ten minutes, and loses the mark after ten quiet ones', async () => {
    const region = await aRegion();
    for (const flapping of [false, false, true]) {
      expect(await region.raise()).toMatchObject({ flapping });
      region.pass(1);
      if (!flapping) await region.clear();
    }
    region.pass(8.9);
    expect(await region.unmark()).toBe(0);
    region.pass(0.1);
    expect([await region.unmark(), await region.unmark()]).toEqual([1, 0]);
    expect((await region.changes()).slice(-2)).toEqual([
      ['RAISED', true],
      ['CHANGED', false],
    ]);
  });

  test('that keeps coming back more slowly stays marked, and is new again after a quiet time', async () => {
    const region = await aRegion();
    for (const wait of [1, 1, 9, 9, 9, 10]) {
      await region.raise();
      await region.clear();
      region.pass(wait);
    }
    expect(await region.raise()).toMatchObject({ flapping: false });
    expect((await region.changes()).filter(([kind]) => kind === 'RAISED').map(([, flapping]) => flapping)).toEqual(
      [false, false, true, true, true, true, false], // 10 min after the last clear
    );
  });

  test('counts a raise once, however it comes', async () => {
    const region = await aRegion();
    expect(await region.raiseTwiceAtOnce()).toMatchObject({ flapping: false });
    expect(await region.raise()).toMatchObject({ flapping: false }); // says nothing new
    await region.clear();
    expect(await region.raiseTwiceAtOnce()).toMatchObject({ flapping: false });
    await region.clear();
    expect(await region.settle()).toBe(1);
    expect((await region.changes()).at(-1)).toEqual(['RAISED', true]);
  });
});

test('the feed has every raise and clear of a flapping alarm, and the end of the mark as a change', async () => {
  const house = await aHouse(['lagos-1'], { faults: { flapping: { raises: 3, quietMs: 1_000 } } });
  left.add(() => house.stop());
  const centre = await aCentre();
  left.add(() => centre.close());
  await centre.join('lagos-1', house.door());
  const feed = centre.subscribe(FEED.replace('severity', 'severity flapping'));
  left.add(() => feed.close());
  await feed.until('ALIGNED', events => events.some(event => event.kind === 'ALIGNED'));
  const door = hands(house, 'lagos-1');
  for (let i = 0; i < 3; i++) {
    await door.raise(key);
    if (i < 2) await door.clear({ region: 'lagos-1', ...key });
  }
  const told = await feed.until('the end of the mark', events => events.some(event => event.kind === 'CHANGED'));
  expect(told.filter(event => event.alarm).map(event => [event.kind, event.alarm.flapping])).toEqual([
    ['RAISED', false],
    ['CLEARED', false],
    ['RAISED', false],
    ['CLEARED', false],
    ['RAISED', true],
    ['CHANGED', false],
  ]);
  const listed = async (flapping: boolean) => (await centre.alarms({ flapping })).totalCount;
  expect([await listed(true), await listed(false)]).toEqual([0, 1]);
  await centre.rows(`update mirror_alarm set alarm = alarm || '{"flapping": true}'`); // the mark itself lasts a second only
  expect([await listed(true), await listed(false)]).toEqual([1, 0]);
  const selection =
    'flapping: alarms(filter: { flapping: true }) { totalCount } alarms(filter: { flapping: false }) { totalCount }';
  expect(await door.region('faults', selection)).toEqual({ flapping: { totalCount: 0 }, alarms: { totalCount: 1 } });
});
