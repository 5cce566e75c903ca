// Many alarms in one call: a result per item, bad items refused alone, and no more statements for more items.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { anAlarm } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOfRequests } from '../edge/statements.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
});

const region = 'lagos-1';
const many = (n: number) => Array.from({ length: n }, () => anAlarm());
const keyOf = ({ alarmId, entityInstanceId }: ReturnType<typeof anAlarm>) => ({ alarmId, entityInstanceId });
const raiseAll = (alarms: readonly object[], more = {}) => door.raiseAll({ region, alarms, ...more });
const clearAll = (alarms: readonly object[], more = {}) => door.clearAll({ region, alarms, ...more });

describe('raising many alarms', () => {
  test('answers each in the order given, in one run of the count', async () => {
    const alarms = many(20);
    const { results, userErrors } = await raiseAll(alarms);
    expect(userErrors).toEqual([]);
    expect(results.map((r: { alarm: object }) => r.alarm)).toMatchObject(alarms);
    const numbers = results.map((r: { alarm: { sequence: string } }) => Number(r.alarm.sequence));
    expect(numbers).toEqual(numbers.map((_: number, i: number) => numbers[0] + i));
  });

  test('refuses a bad one alone, with its place', async () => {
    const [first, second, third] = many(3);
    const { results } = await raiseAll([first!, { ...second!, alarmId: 'x' }, third!]);
    expect(results).toMatchObject([
      { alarm: first, userErrors: [] },
      { alarm: null, userErrors: [{ code: 'INVALID', path: ['input', 'alarms', '1', 'alarmId'] }] },
      { alarm: third, userErrors: [] },
    ]);
  });

  test('takes the same alarm twice in order: raised, then changed', async () => {
    const alarm = anAlarm({ severity: 'MINOR' });
    const worse = { ...alarm, severity: 'CRITICAL' };
    const { results } = await raiseAll([alarm, worse, worse]);
    const [a, b, c] = results.map((r: { alarm: object }) => r.alarm);
    expect(a).toMatchObject({ severity: 'MINOR' });
    expect(b).toMatchObject({ severity: 'CRITICAL', id: a.id, sequence: String(Number(a.sequence) + 1) });
    expect(c).toEqual(b);
    expect((await door.raise(worse)).alarm).toEqual(b);
  });

  test('twice under one idempotencyKey is done once', async () => {
    const alarms = many(2);
    const more = { idempotencyKey: randomUUID() };
    const first = await raiseAll(alarms, more);
    await clearAll(alarms.map(keyOf));
    expect(await raiseAll(alarms, more)).toEqual(first);
    expect((await raiseAll([alarms[0]!], more)).userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
  });

  test('of 1,001 is refused as a whole', async () => {
    const { results, userErrors } = await raiseAll(many(1_001));
    expect(results).toEqual([]);
    expect(userErrors).toMatchObject([{ code: 'TOO_LONG', path: ['input', 'alarms'] }]);
  });

  test('of none is done at once', async () => {
    expect(await raiseAll([])).toEqual({ results: [], userErrors: [] });
  });
});

describe('clearing many alarms', () => {
  test('is exact, in order, and refuses alone what is clear or was never there', async () => {
    const [alarm, other] = many(2).map(keyOf);
    await raiseAll([alarm!, other!].map(key => anAlarm(key)));
    const { results } = await clearAll([alarm!, { ...alarm!, alarmId: '999.999' }, alarm!, other!]);
    expect(results).toMatchObject([
      { alarm: alarm!, userErrors: [] },
      { alarm: null, userErrors: [{ code: 'NOT_FOUND', path: ['input', 'alarms', '1'] }] },
      { alarm: null, userErrors: [{ code: 'ALREADY_CLEARED', path: ['input', 'alarms', '2'] }] },
      { alarm: other!, userErrors: [] },
    ]);
  });
});

test('a thousand alarms cost as many statements as one', async () => {
  const cost = async (n: number) => {
    const alarms = many(n);
    const raised = await statementsOfRequests(() => raiseAll(alarms));
    const cleared = await statementsOfRequests(() => clearAll(alarms.map(keyOf)));
    return [raised, cleared].map(all => all.filter(label => /^(alarms|outbox|comments)\./.test(label)));
  };
  const one = await cost(1);
  expect(one[0]).toContain('alarms.insert');
  expect(await cost(1_000)).toEqual(one);
});
