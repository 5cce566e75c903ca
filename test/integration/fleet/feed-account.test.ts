// The account of the feed: what gateways report is added once, whatever is sent again, late or by a gateway that began anew.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre } from './fleet-house.ts';

const left = leftovers();
let house: House;
let centre: Centre;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  centre = await aCentre();
  left.add(() => centre.close());
  await centre.join('lagos-1', house.door());
});

const report = async (body: unknown): Promise<number> => {
  const answer = await fetch(`http://127.0.0.1:${centre.config.fleet.port}/feed/deliveries`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  await answer.text();
  return answer.status;
};
const account = async () =>
  (await centre.ask('{ region(id: "lagos-1") { feedAccount { committed mirrored delivered lagged asOf } } }')).region
    .feedAccount;
const total = async () => (await centre.ask('{ feedAccount { delivered lagged committed } }')).feedAccount;

describe('the account', () => {
  test('knows how far a region is, also when it has been quiet since', async () => {
    const { alarm } = await hands(house).raise();
    await eventually('both', async () => {
      const { committed, mirrored, asOf } = await account();
      return committed === alarm.sequence && mirrored === alarm.sequence && asOf !== null;
    });
  });

  test('adds each report once, in the order of its count', async () => {
    const teller = randomUUID();
    const regions = [{ region: 'lagos-1', delivered: 10, lagged: 0 }];
    const before = BigInt((await account()).delivered);
    expect(await report({ teller, report: 1, regions })).toBe(200);
    expect(await report({ teller, report: 1, regions })).toBe(200); // the answer was lost
    expect(await report({ teller, report: 2, regions })).toBe(200);
    expect(await report({ teller, report: 1, regions })).toBe(200); // long late
    expect(await report({ teller, report: 4, regions })).toBe(409); // out of turn
    expect(await report({ teller: randomUUID(), report: 2, regions })).toBe(409); // of nobody known
    expect(BigInt((await account()).delivered) - before).toBe(20n);
    expect(await report({ teller: randomUUID(), report: 1, regions })).toBe(200); // a gateway that began anew
    expect(BigInt((await account()).delivered) - before).toBe(30n);
  });

  test('adds reports of many gateways at once', async () => {
    const before = BigInt((await total()).delivered);
    const regions = ['lagos-1', 'a-1', 'b-1', ''].map(region => ({ region, delivered: 1, lagged: 2 }));
    const lists = [regions, [...regions].reverse()];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => report({ teller: randomUUID(), report: 1, regions: lists[i % 2] })),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    expect((await account()).lagged).toBe('40');
    const { delivered, lagged } = await total();
    expect([BigInt(delivered) - before, lagged]).toEqual([40n, '80']); // of regions in the graph, and of none
  });

  test('is in the metrics, region by region', async () => {
    const text = await (await fetch(`http://127.0.0.1:${centre.config.fleet.port}/metrics`)).text();
    const { committed, delivered } = await account();
    expect(text).toContain(`murmuration_feed_committed{region="lagos-1",part="fleet"} ${committed}`);
    expect(text).toContain(`murmuration_feed_delivered{region="lagos-1",part="fleet"} ${delivered}`);
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).toContain('murmuration_mirror_lag_changes{region="lagos-1",part="fleet"} 0');
    const doors = await (await fetch(new URL('/metrics', house.door()))).text();
    expect(doors).toContain(
      `murmuration_outbox_sequence{region="lagos-1",subgraph="faults",part="region"} ${committed}`,
    );
  });

  test.each([
    ['no JSON', '{', 400],
    [
      'a count below nothing',
      { teller: randomUUID(), report: 1, regions: [{ region: 'a', delivered: -1, lagged: 0 }] },
      400,
    ],
    [
      'a region that is none',
      { teller: randomUUID(), report: 1, regions: [{ region: 'A b', delivered: 1, lagged: 0 }] },
      400,
    ],
    ['more than a megabyte', 'x'.repeat(1_100_000), 413],
  ])('refuses %s', async (_, body, status) => {
    expect(await report(body)).toBe(status);
  });
});
