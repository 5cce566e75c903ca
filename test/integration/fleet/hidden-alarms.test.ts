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
  await centre.change('addRegion', { id: 'lagos-1', endpoint: house.door() });
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
