// What a feed says when the log no longer holds what a cursor asks for, and how often a quiet one is heard.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre, type Data, FEED } from './fleet-house.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;
let centre: Centre;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
  centre = await aCentre();
  left.add(() => centre.close());
  await centre.join('lagos-1', house.door());
});

const isAligned = (events: Data[]): boolean => events.some(event => event.kind === 'ALIGNED');

describe('a cursor from before the kept history', () => {
  test('gets LIST_REBUILT and a snapshot; one within it gets its suffix', async () => {
    const feed = centre.subscribe(FEED);
    await feed.until('ALIGNED', isAligned);
    for (const host of ['a', 'b', 'c', 'd', 'e']) await door.raise({ entityInstanceId: `host=${host}` });
    await feed.until('five', events => events.filter(event => event.kind === 'RAISED').length === 5);
    const raised = feed.events.filter(event => event.kind === 'RAISED');
    await feed.close();

    // a second replica that keeps two events takes over the lead, and prunes as it does
    const keeper = await aCentre({ fleet: { feedKeepEvents: 2 } }, centre);
    await centre.close();
    centre = keeper;
    await eventually('the pruning', async () => (await keeper.rows('select 1 from feed_log')).length === 2);

    const old = keeper.subscribe(FEED, { after: raised[0].cursor });
    left.add(() => old.close());
    await old.until('ALIGNED', isAligned);
    expect(old.events.map(event => event.kind)).toEqual(['LIST_REBUILT', ...Array(5).fill('SNAPSHOT'), 'ALIGNED']);

    const kept = keeper.subscribe(FEED, { after: raised[2].cursor });
    left.add(() => kept.close());
    await kept.until('all of it', events => events.at(-1)?.kind === 'HEARTBEAT');
    expect(kept.events.slice(0, -1)).toEqual(raised.slice(3));

    await door.raise({ entityInstanceId: 'host=f' });
    for (const feed of [old, kept])
      await feed.until('what comes next', events => events.at(-1)?.alarm?.entityInstanceId === 'host=f');
  });
});

describe('a quiet feed', () => {
  const QUICK = 'subscription ($s: Int) { alarmFeed(heartbeatSeconds: $s) { kind cursor } }';

  test('says HEARTBEAT as often as its client chose, with a cursor to resume from', async () => {
    const feed = centre.subscribe(QUICK, { s: 1 });
    left.add(() => feed.close());
    const events = await feed.until('two', all => all.filter(event => event.kind === 'HEARTBEAT').length >= 2);
    const beat = events.find(event => event.kind === 'HEARTBEAT');
    const resumed = centre.subscribe(FEED, { after: beat.cursor });
    left.add(() => resumed.close());
    await door.raise({ entityInstanceId: 'host=after-the-beat' });
    await resumed.until('the next change', all => all.some(event => event.kind !== 'HEARTBEAT'));
    expect(resumed.events.find(event => event.kind !== 'HEARTBEAT')).toMatchObject({
      kind: 'RAISED',
      alarm: { entityInstanceId: 'host=after-the-beat' },
    });
  });

  test('refuses an interval out of bounds', async () => {
    for (const s of [0, 3_601]) {
      const feed = centre.subscribe(QUICK, { s });
      await eventually('the refusal', () => feed.errors.length > 0);
      expect(feed.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });
});
