// Alarms that a region hides, as the centre shows them: left out of lists, counts and new feeds, there for who asks.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, hands } from '../edge/region-house.ts';
import { aCentre, type Centre, type Data, FEED } from './fleet-house.ts';

const left = leftovers();
let centre: Centre;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  const house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
  centre = await aCentre();
  left.add(() => centre.close());
  await centre.join('lagos-1', house.door());
});

const entities = async (filter: Data = {}): Promise<string[]> =>
  (await centre.alarms(filter)).nodes.map((alarm: Data) => alarm.entityInstanceId).sort();
const major = async (): Promise<number> => (await centre.ask('{ alarmSummary { major } }')).alarmSummary.major;

describe('a suppressed alarm', () => {
  test('leaves lists, counts and new feeds, and comes back when the suppression ends', async () => {
    await door.raise({ alarmId: '100.104', entityInstanceId: 'host=a', severity: 'MAJOR' });
    await door.raise({ alarmId: '100.101', entityInstanceId: 'host=a', severity: 'MAJOR' });
    await eventually('both', async () => (await major()) === 2);
    const { suppression } = await door.suppress({ region: 'lagos-1', alarmId: '100.104', reason: 'being mended' });
    await eventually('one', async () => (await major()) === 1);
    expect((await centre.alarms()).totalCount).toBe(1);
    expect((await centre.alarms({ includeSuppressed: true })).totalCount).toBe(2);

    const feed = centre.subscribe(FEED);
    left.add(() => feed.close());
    await feed.until('ALIGNED', events => events.at(-1)?.kind === 'ALIGNED');
    expect(feed.events.map(event => event.kind)).toEqual(['SNAPSHOT', 'ALIGNED']);
    await door.unsuppress({ region: 'lagos-1', id: suppression.id });
    await feed.until('UNSUPPRESSED', events => events.at(-1)?.kind === 'UNSUPPRESSED');
    expect(await major()).toBe(2);
  });
});

describe('a masked alarm', () => {
  test('of a locked host is left out until the host is unlocked', async () => {
    await door.raise({ alarmId: '200.006', entityInstanceId: 'host=b.process=ntpd', severity: 'MINOR' });
    await eventually('it', async () => (await entities()).includes('host=b.process=ntpd'));
    const lock = (await door.raise({ alarmId: '200.001', entityInstanceId: 'host=b', severity: 'WARNING' })).alarm;
    await eventually('it hidden', async () => !(await entities()).includes('host=b.process=ntpd'));
    expect(await entities({ hosts: ['b'], includeMasked: true })).toEqual(['host=b', 'host=b.process=ntpd']);
    await door.clear({ id: lock.id });
    await eventually('it back', async () => (await entities({ hosts: ['b'] })).includes('host=b.process=ntpd'));
  });
});

describe('an alarm under maintenance', () => {
  test('leaves lists, counts and new feeds in the centre as in its region, and is told when it begins and ends', async () => {
    const before = (await centre.alarms()).totalCount;
    const alarm = (await door.raise({ alarmId: '200.004', entityInstanceId: 'host=c', severity: 'CRITICAL' })).alarm;
    await eventually('it', async () => (await entities({ hosts: ['c'] })).length === 1);
    const open = centre.subscribe(FEED);
    left.add(() => open.close());
    await open.until('ALIGNED', events => events.at(-1)?.kind === 'ALIGNED');
    const { maintenanceWindow } = await door.startMaintenance({
      region: 'lagos-1',
      entityPattern: 'host=c',
      until: new Date(Date.now() + 3_600_000).toISOString(),
      reason: 'new board',
    });
    await open.until('SUPPRESSED', events => events.at(-1)?.kind === 'SUPPRESSED');
    await door.raise({ alarmId: '200.006', entityInstanceId: 'host=c.process=ntpd', severity: 'MINOR' });
    const all = { hosts: ['c'], includeHidden: true };
    await eventually('the one born hidden', async () => (await entities(all)).length === 2);
    expect(await entities({ hosts: ['c'], includeSuppressed: true, includeMasked: true })).toEqual([]);
    expect((await centre.alarms()).totalCount).toBe(before);
    expect((await door.region('faults', 'alarms { totalCount }')).alarms.totalCount).toBe(before);
    expect((await centre.ask('{ alarmSummary { critical } }')).alarmSummary.critical).toBe(0);
    const { alarmSummary } = await centre.region('lagos-1');
    expect([alarmSummary.critical, alarmSummary.status]).toEqual([0, 'DEGRADED']);
    const flags = 'query ($filter: AlarmFilter) { alarms(filter: $filter) { nodes { inMaintenance suppressed } } }';
    const hidden = { inMaintenance: true, suppressed: false };
    expect((await centre.ask(flags, { filter: all })).alarms.nodes).toEqual([hidden, hidden]);

    const late = centre.subscribe(FEED, { filter: { hosts: ['c'] } });
    const curious = centre.subscribe(FEED, { filter: all });
    left.add(() => late.close());
    left.add(() => curious.close());
    for (const feed of [late, curious]) await feed.until('ALIGNED', events => events.at(-1)?.kind === 'ALIGNED');
    expect([late.events.length, curious.events.length]).toEqual([1, 3]);
    await door.endMaintenance({ id: maintenanceWindow.id });
    await late.until('both shown', events => events.length === 3);
    expect(late.events.slice(1).map(({ kind, alarm: { entityInstanceId } }) => [kind, entityInstanceId])).toEqual([
      ['UNSUPPRESSED', 'host=c'],
      ['UNSUPPRESSED', 'host=c.process=ntpd'],
    ]);
    await open.until('both shown', events => events.filter(({ kind }) => kind === 'UNSUPPRESSED').length === 2);
    const afterAligned = open.events.slice(open.events.findIndex(({ kind }) => kind === 'ALIGNED') + 1);
    expect(afterAligned.map(({ kind }) => kind)).toEqual(['SUPPRESSED', 'UNSUPPRESSED', 'UNSUPPRESSED']);
    expect((await centre.alarms()).totalCount).toBe(before + 2);
    await door.clear({ id: alarm.id });
  });
});
