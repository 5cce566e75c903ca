// Many clients of one feed through real gateways, a real centre and a real region. The oracle is the region's own count:
// it has no gaps, so neither may what a client was told.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre } from '../fleet/fleet-house.ts';
import {
  aFeedClient,
  aRealGateway,
  type FeedClient,
  type Gateway,
  isAligned,
  numbers,
  numbersOf,
} from './feed-house.ts';

const REGION = 'lagos-1';
const left = leftovers();
let house: House;
let centre: Centre;
let gateway: Gateway;
let raised = 0;

beforeAll(async () => {
  house = await aHouse([REGION]);
  left.add(() => house.stop());
  centre = await aCentre();
  left.add(() => centre.close());
  await centre.change('addRegion', { id: REGION, endpoint: house.door() });
  gateway = await aRealGateway(centre, left);
  await raise(2); // so that a snapshot has something in it
  await eventually('the mirror', async () => (await centre.alarms()).totalCount === 2);
});

/** Answers the region's count after them. */
async function raise(count: number, pad = ''): Promise<number> {
  const alarms = Array.from({ length: count }, () => ({
    alarmId: '200.011',
    severity: 'MINOR',
    entityInstanceId: `host=h${++raised}`,
    reasonText: `reason ${pad}`,
  }));
  const { results } = await hands(house).raiseAll({ region: REGION, alarms });
  return Number(results.at(-1).alarm.sequence);
}

function clientsOf(count: number, urls = [gateway.url]): FeedClient[] {
  const clients = Array.from({ length: count }, () => aFeedClient(urls));
  for (const client of clients) left.add(() => client.close());
  return clients;
}

const aligned = (clients: FeedClient[]) => eventually('ALIGNED', () => clients.every(isAligned), 30_000);
const heard = (clients: FeedClient[], number: number, what = `change ${number}`) =>
  eventually(what, () => clients.every(client => numbersOf(client).includes(number)), 60_000);

const leaveAll = async (clients: FeedClient[]): Promise<void> => {
  for (const client of clients) client.close();
  await eventually('no subscriber is left', async () => (await gateway.metric('murmuration_shared_streams')) === 0);
};

describe('subscribers of one feed', () => {
  test('share one stream, and the account says what became of each change', async () => {
    const before = (await centre.ask('{ feedAccount { delivered } }')).feedAccount;
    const head = await raise(1);
    const clients = clientsOf(20);
    await aligned(clients);
    const last = await raise(5);
    await heard(clients, last);
    for (const client of clients) expect(numbersOf(client)).toEqual(numbers(head + 1, last));
    expect(await gateway.metric('murmuration_shared_streams')).toBe(1);
    expect(await gateway.metric('murmuration_subscribers{stream="alone"')).toBe(0);
    const count = `{ feedAccount { delivered } region(id: "${REGION}") { feedAccount { committed mirrored delivered lagged asOf } } }`;
    const account = await eventually(
      'the report',
      async () => {
        const data = await centre.ask(count);
        const isIn = BigInt(data.feedAccount.delivered) - BigInt(before.delivered) >= 100n;
        return isIn && data.region.feedAccount.committed === String(last) ? data : null;
      },
      30_000,
    );
    expect(BigInt(account.feedAccount.delivered) - BigInt(before.delivered)).toBe(100n);
    expect(account.region.feedAccount).toMatchObject({ committed: String(last), mirrored: String(last), lagged: '0' });
    expect(Date.parse(account.region.feedAccount.asOf)).toBeGreaterThan(0);
    await leaveAll(clients);
  });

  test('are not ended by a hundred regions that join and leave, and miss nothing meanwhile', async () => {
    const clients = clientsOf(3);
    await aligned(clients);
    const head = await raise(1);
    const away = { endpoint: 'http://127.0.0.1:9/x' };
    for (let i = 0; i < 50; i++) {
      const id = `guest-${i}`;
      await centre.change('addRegion', { id, ...away });
      if (i % 10 === 0) await raise(1);
      await centre.change('removeRegion', { id }, 'id');
    }
    const last = await raise(1);
    await heard(clients, last);
    for (const client of clients) {
      expect(numbersOf(client)).toEqual(numbers(head, last));
      expect(client.closings).toEqual([]);
    }
    await leaveAll(clients);
  });
});

describe('a gateway that is deployed anew', () => {
  test('sends 200 clients away one after the other; each resumes at another gateway and misses nothing', async () => {
    const old = await aRealGateway(centre, left);
    const clients = clientsOf(200, [old.url, gateway.url]);
    await aligned(clients);
    const head = await raise(1);
    await heard(clients, head);
    let last = head;
    const closed = old.close();
    for (let i = 0; i < 8; i++) last = await raise(2);
    await closed;
    last = await raise(1);
    await heard(clients, last);
    for (const client of clients) {
      expect(numbersOf(client)).toEqual(numbers(head, last));
      expect(client.closings).toEqual([1012]);
    }
    await eventually(
      'they share again',
      async () => (await gateway.metric('murmuration_subscribers{stream="live"')) === 200,
    );
    await leaveAll(clients);
  }, 120_000);
});
