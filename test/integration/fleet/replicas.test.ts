// Two replicas of the fleet service on one database: one mirrors, both answer, and when it goes the other takes over.
import { beforeAll, expect, test } from 'vitest';
import { centreDatabase } from '../../../subgraphs/runtime/database.ts';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre, type Data, FEED } from './fleet-house.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;
let first: Centre;
let second: Centre;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
  [first, second] = await Promise.all([aCentre(), undefined]).then(async ([one]) => [one, await aCentre({}, one)]);
  left.add(() => second.close());
  await second.join('lagos-1', house.door());
});

const leaders = async () =>
  Number(
    (
      await second.rows(
        `select count(*) as n from pg_locks join pg_database on oid = database
         where locktype = 'advisory' and granted and datname = $1`,
        [centreDatabase(second.config.database.prefix)],
      )
    )[0].n,
  );
const logged = async (): Promise<string[]> =>
  (await second.rows(`select alarm->>'sequence' as n from feed_log order by position`)).map(row => row.n);

test('one of two leads, and both show what it mirrors', async () => {
  await door.raise({ entityInstanceId: 'host=shared' });
  for (const centre of [first, second])
    await eventually('the alarm', async () => (await centre.alarms()).totalCount === 1);
  expect(await leaders()).toBe(1);
});

test('a feed at either of them tells the same, and a cursor of one is good at the other', async () => {
  const [one, other] = [first.subscribe(FEED), second.subscribe(FEED)];
  const kinds = (events: readonly Data[]) =>
    events.map(event => `${event.kind} ${event.alarm?.entityInstanceId ?? ''}`);
  for (const feed of [one, other])
    await feed.until('ALIGNED', events => events.some(event => event.kind === 'ALIGNED'));
  await door.raise({ entityInstanceId: 'host=both' });
  for (const feed of [one, other]) await feed.until('RAISED', events => kinds(events).includes('RAISED host=both'));
  expect(one.events.at(-1)).toEqual(other.events.at(-1));
  const resumed = second.subscribe(FEED, { after: one.events.find(event => event.kind === 'ALIGNED').cursor });
  await resumed.until('the same', events => events.length > 0);
  expect(resumed.events[0]).toEqual(one.events.at(-1));
  for (const feed of [one, other, resumed]) await feed.close();
});

test('when the leader goes the other takes over: nothing is lost, nothing is told twice', async () => {
  let isBusy = true;
  const busy = (async () => {
    let n = 0;
    while (isBusy) await door.raise({ entityInstanceId: 'host=busy', reasonText: `reason ${++n}` });
  })();
  const before = (await logged()).length;
  await eventually('some changes', async () => (await logged()).length > before + 5);
  await first.close();
  const atClose = (await logged()).length;
  await eventually('the successor to go on', async () => (await logged()).length > atClose + 5);
  isBusy = false;
  await busy;
  const [{ sequence }] = await house.rows('select sequence from faults.outbox_head');
  await eventually('all of it', async () => (await logged()).length >= Number(sequence));
  expect(await logged()).toEqual(Array.from({ length: Number(sequence) }, (_, i) => String(i + 1)));
  expect(await leaders()).toBe(1);
  expect((await second.region('lagos-1')).contact.state).toBe('ONLINE');
});
