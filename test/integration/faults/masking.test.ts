// Alarms of a locked host hide behind the lock's own alarm, through a real region's door.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
});

const region = 'lagos-1';
const LOCKED = '200.001';
const raise = async (entityInstanceId: string, alarmId = '100.104') =>
  (await door.raise({ alarmId, entityInstanceId })).alarm;
const unlock = (host: string) => door.clear({ region, alarmId: LOCKED, entityInstanceId: `host=${host}` });
const listed = async (host: string, more = '') => {
  const selection = `alarms(first: 500, filter: { acknowledged: false${more} }) { totalCount nodes { entityInstanceId alarmId masked } }`;
  const { alarms } = await door.region('faults', selection);
  expect(alarms.totalCount).toBe(alarms.nodes.length);
  return alarms.nodes
    .filter((alarm: { entityInstanceId: string }) => alarm.entityInstanceId.includes(host))
    .map((alarm: { alarmId: string; masked: boolean }) => [alarm.alarmId, alarm.masked])
    .sort();
};
const told = (id: string): Promise<{ kind: string; masked: boolean }[]> =>
  house.rows(
    `select kind, ("row" ->> 'masked')::boolean as masked from faults.outbox where entity_id = $1 order by sequence`,
    [id.split('/')[1]],
  );

describe('a locked host', () => {
  test('hides its other alarms until it is unlocked, and followers are told of both', async () => {
    const { id } = await raise('host=m1.filesystem=/var');
    await raise('host=m1', LOCKED);
    expect(await listed('host=m1')).toEqual([[LOCKED, false]]);
    expect(await listed('host=m1', ', includeMasked: true')).toEqual([
      ['100.104', true],
      [LOCKED, false],
    ]);
    await unlock('m1');
    expect(await listed('host=m1')).toEqual([['100.104', false]]);
    expect(await told(id)).toEqual([
      { kind: 'RAISED', masked: false },
      { kind: 'CHANGED', masked: true },
      { kind: 'CHANGED', masked: false },
    ]);
  });

  test('hides what is raised while it is locked, and never a host of a similar name', async () => {
    await raise('host=m2', LOCKED);
    const { id } = await raise('host=m2.filesystem=/var');
    await raise('host=m22.filesystem=/var');
    expect(await listed('host=m2')).toEqual([
      ['100.104', false],
      [LOCKED, false],
    ]);
    expect(await told(id)).toEqual([{ kind: 'RAISED', masked: true }]);
    await door.clear({ id });
    await unlock('m2');
    expect(await told(id)).toMatchObject([{ kind: 'RAISED' }, { kind: 'CLEARED' }]);
  });

  test('hides no neighbour that is raised in the same call', async () => {
    await raise('host=m6', LOCKED);
    const alarms = ['m6', 'm66'].map(host => ({
      alarmId: '100.104',
      entityInstanceId: `host=${host}.filesystem=/`,
      severity: 'MINOR',
    }));
    const { results } = await door.raiseAll({ region, alarms });
    const kinds = await Promise.all(results.map((r: { alarm: { id: string } }) => told(r.alarm.id)));
    expect(kinds).toEqual([[{ kind: 'RAISED', masked: true }], [{ kind: 'RAISED', masked: false }]]);
  });

  test('that is locked in the same call as its alarms come hides those before and after', async () => {
    const item = (alarmId: string, entityInstanceId: string) => ({ alarmId, entityInstanceId, severity: 'MINOR' });
    const alarms = [item('100.101', 'host=m3'), item(LOCKED, 'host=m3'), item('100.104', 'host=m3.filesystem=/')];
    await door.raiseAll({ region, alarms });
    expect(await listed('host=m3')).toEqual([[LOCKED, false]]);
    await door.clearAll({ region, alarms: [{ alarmId: LOCKED, entityInstanceId: 'host=m3' }] });
    expect(await listed('host=m3')).toHaveLength(2);
    const kept = await house.rows('select sequence, kind from faults.alarm_transition order by sequence');
    expect(kept).toEqual(await house.rows('select sequence, kind from faults.outbox order by sequence'));
  });

  test('with a thousand alarms costs as many statements as one with one', async () => {
    const cost = async (host: string, n: number) => {
      const alarms = Array.from({ length: n }, (_, i) => ({
        alarmId: '100.104',
        severity: 'MINOR',
        entityInstanceId: `host=${host}.filesystem=/${i}`,
      }));
      await door.raiseAll({ region, alarms });
      return statementsOf(/^(alarms|history)\./, () => raise(`host=${host}`, LOCKED));
    };
    expect(await cost('m4', 1_000)).toEqual(await cost('m5', 1));
  });
});
