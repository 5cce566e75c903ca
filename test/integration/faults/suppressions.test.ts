// Suppressions through a real region's door: what they hide, what they never hide, and how they end.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { ask, refusal } from '../edge/ask.ts';
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

let made = 0;
/** An alarmId that no other test uses. */
const newAlarmId = () => `300.${String(500 + ++made)}`;
const region = 'lagos-1';
const suppress = (input: Record<string, unknown>) => door.suppress({ region, reason: 'known fault', ...input });
const raise = async (alarmId: string, entityInstanceId: string) =>
  (await door.raise({ alarmId, entityInstanceId })).alarm;

const listed = async (alarmId: string, more = '') => {
  const selection = `alarms(filter: { alarmIds: ["${alarmId}"]${more} }) { totalCount nodes { entityInstanceId suppressed } }`;
  const { alarms } = await door.region('faults', selection);
  expect(alarms.totalCount).toBe(alarms.nodes.length);
  return alarms.nodes
    .map((alarm: { entityInstanceId: string; suppressed: boolean }) => [alarm.entityInstanceId, alarm.suppressed])
    .sort();
};
const told = (id: string): Promise<{ kind: string; suppressed: boolean; note: unknown }[]> =>
  house.rows(
    `select kind, ("row" ->> 'suppressed')::boolean as suppressed, "row" -> 'note' as note
     from faults.outbox where entity_id = $1 order by sequence`,
    [id.split('/')[1]],
  );
const inForce = async (alarmId: string) =>
  (
    await door.region('faults', 'suppressions(first: 500) { nodes { id alarmId reason by until } }')
  ).suppressions.nodes.filter((s: { alarmId: string }) => s.alarmId === alarmId);

describe('a suppression', () => {
  test('hides the open alarms of its alarmId and tells followers who hid them and why', async () => {
    const alarmId = newAlarmId();
    const { id } = await raise(alarmId, 'host=a');
    const other = await raise(newAlarmId(), 'host=a');
    const { suppression, affected, userErrors } = await suppress({ alarmId, reason: 'being replaced', by: 'ada' });
    expect(userErrors).toEqual([]);
    expect(affected).toBe(1);
    expect(await inForce(alarmId)).toEqual([
      { id: suppression.id, alarmId, reason: 'being replaced', by: 'ada', until: null },
    ]);
    expect(await listed(alarmId)).toEqual([]);
    expect(await listed(alarmId, ', includeSuppressed: true')).toEqual([['host=a', true]]);
    expect(await listed(other.alarmId)).toEqual([['host=a', false]]);
    expect(await told(id)).toEqual([
      { kind: 'RAISED', suppressed: false, note: null },
      { kind: 'SUPPRESSED', suppressed: true, note: { by: 'ada', comment: 'being replaced' } },
    ]);
  });

  test('covers an entity and what lies below it, and no neighbour', async () => {
    const alarmId = newAlarmId();
    for (const entity of ['host=a', 'host=a.port=b', 'host=ab', 'host=a.b']) await raise(alarmId, entity);
    expect((await suppress({ alarmId, entityPattern: 'host=a' })).affected).toBe(2);
    expect(await listed(alarmId)).toEqual([
      ['host=a.b', false],
      ['host=ab', false],
    ]);
  });

  test('hides what is raised under it, one by one, in bulk and by usage; each is still told', async () => {
    const alarmId = newAlarmId();
    await suppress({ alarmId });
    const single = await raise(alarmId, 'host=single');
    const alarms = [{ alarmId, severity: 'MINOR', entityInstanceId: 'host=bulk' }];
    await door.raiseAll({ region, alarms });
    expect(await listed(alarmId)).toEqual([]);
    expect(await listed(alarmId, ', includeSuppressed: true')).toHaveLength(2);
    expect(await told(single.id)).toEqual([{ kind: 'RAISED', suppressed: true, note: null }]);
    const usage = { alarmId: '100.103', entityPattern: 'host=hidden' };
    await suppress(usage);
    await door.usage({ samples: [{ hostname: 'hidden', resource: 'MEMORY', usedPercent: 99 }] });
    expect(await listed('100.103', ', includeSuppressed: true')).toContainEqual(['host=hidden.memory=total', true]);
  });

  test('never hides from the history, nor an alarm asked for by its id', async () => {
    const alarmId = newAlarmId();
    await suppress({ alarmId });
    const { id } = await raise(alarmId, 'host=a');
    await door.clear({ id });
    const { alarmHistory } = await door.region(
      'faults',
      `alarmHistory(filter: { alarmIds: ["${alarmId}"] }) { nodes { kind } }`,
    );
    expect(alarmHistory.nodes).toEqual([{ kind: 'CLEARED' }, { kind: 'RAISED' }]);
    const found = await ask(house.url('faults'), 'query ($id: ID!) { alarm(id: $id) { suppressed } }', { id });
    expect(found.alarm).toEqual({ suppressed: true });
  });

  test("hides from a host's alarms as well", async () => {
    const alarmId = newAlarmId();
    const host = await door.host({ hostname: 'quiet-host' });
    await raise(alarmId, 'host=quiet-host');
    const count = async (more = '') => {
      const { data } = await door.entities(
        'faults',
        [{ __typename: 'Host', id: host.id }],
        `... on Host { alarms(filter: { alarmIds: ["${alarmId}"]${more} }) { totalCount nodes { id } } }`,
      );
      const list = data._entities[0].alarms;
      return list && [list.totalCount, list.nodes.length];
    };
    await eventually('the directory to know it', async () => (await count())?.[0] === 1);
    await suppress({ alarmId });
    expect(await count()).toEqual([0, 0]);
    expect(await count(', includeSuppressed: true')).toEqual([1, 1]);
  });

  test('keeps hiding an alarm that changes', async () => {
    const alarmId = newAlarmId();
    await suppress({ alarmId });
    await door.raise({ alarmId, entityInstanceId: 'host=a', severity: 'MINOR' });
    await door.raise({ alarmId, entityInstanceId: 'host=a', severity: 'CRITICAL' });
    expect(await listed(alarmId)).toEqual([]);
  });
});

describe('the end of a suppression', () => {
  test('shows its alarms again, and tells followers', async () => {
    const alarmId = newAlarmId();
    const { id } = await raise(alarmId, 'host=a');
    const { suppression } = await suppress({ alarmId });
    expect(await door.unsuppress({ region, id: suppression.id, by: 'bo' })).toEqual({
      suppression,
      affected: 1,
      userErrors: [],
    });
    expect(await listed(alarmId)).toEqual([['host=a', false]]);
    expect((await told(id)).at(-1)).toEqual({
      kind: 'UNSUPPRESSED',
      suppressed: false,
      note: { by: 'bo', comment: null },
    });
    expect(await inForce(alarmId)).toEqual([]);
    const again = await door.unsuppress({ region, id: suppression.id });
    expect(again.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
  });

  test('shows only what no other suppression hides', async () => {
    const alarmId = newAlarmId();
    for (const entity of ['host=a', 'host=b']) await raise(alarmId, entity);
    const everywhere = (await suppress({ alarmId })).suppression;
    expect((await suppress({ alarmId, entityPattern: 'host=a' })).affected).toBe(0);
    expect((await door.unsuppress({ region, id: everywhere.id })).affected).toBe(1);
    expect(await listed(alarmId)).toEqual([['host=b', false]]);
  });

  test('comes by itself when its time is over', async () => {
    const alarmId = newAlarmId();
    const { id } = await raise(alarmId, 'host=a');
    const until = new Date(Date.now() + 1_500).toISOString();
    await suppress({ alarmId, until });
    expect(await listed(alarmId)).toEqual([]);
    await eventually('it to expire', async () => (await listed(alarmId)).length === 1);
    expect((await told(id)).map(change => change.kind)).toEqual(['RAISED', 'SUPPRESSED', 'UNSUPPRESSED']);
    expect(await inForce(alarmId)).toEqual([]);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
  });
});

describe('suppressing', () => {
  test('the same again is refused until the first ends', async () => {
    const alarmId = newAlarmId();
    const first = (await suppress({ alarmId, entityPattern: 'host=a' })).suppression;
    const again = await suppress({ alarmId, entityPattern: 'host=a' });
    expect(again).toMatchObject({ suppression: null, userErrors: [{ code: 'ALREADY_EXISTS' }] });
    await door.unsuppress({ region, id: first.id });
    expect((await suppress({ alarmId, entityPattern: 'host=a' })).userErrors).toEqual([]);
  });

  test('twice under one idempotencyKey is done once', async () => {
    const input = { alarmId: newAlarmId(), idempotencyKey: randomUUID() };
    expect(await suppress(input)).toEqual(await suppress(input));
    expect(await inForce(input.alarmId)).toHaveLength(1);
  });

  test.each([
    ['an alarmId that is none', { alarmId: 'all' }, 'INVALID', 'alarmId'],
    ['a place that is none', { entityPattern: 'compute' }, 'INVALID', 'entityPattern'],
    ['no reason', { reason: ' ' }, 'INVALID', 'reason'],
    ['a name of 256 characters', { by: 'b'.repeat(256) }, 'TOO_LONG', 'by'],
    ['an end in the past', { until: '2020-01-01T00:00:00.000Z' }, 'INVALID', 'until'],
  ])('with %s is refused', async (_, wrong, code, field) => {
    const { suppression, userErrors } = await suppress({ alarmId: newAlarmId(), ...wrong });
    expect(suppression).toBeNull();
    expect(userErrors).toMatchObject([{ code, path: ['input', field] }]);
  });

  test('in another region is refused', async () => {
    const mutation = 'mutation ($input: SuppressAlarmsInput!) { suppressAlarms(input: $input) { affected } }';
    const input = { region: 'accra-1', alarmId: newAlarmId(), reason: 'r' };
    expect(await refusal(house.url('faults'), mutation, { input })).toBe('BAD_USER_INPUT');
  });

  test('a thousand alarms costs as many statements as one', async () => {
    const cost = async (n: number) => {
      const alarmId = newAlarmId();
      const alarms = Array.from({ length: n }, (_, i) => ({
        alarmId,
        severity: 'MINOR',
        entityInstanceId: `host=s-${i}`,
      }));
      await door.raiseAll({ region, alarms });
      return statementsOf(/^(alarms|hiding\.inForce|suppressions\.(insert|delete)|history\.append)/, async () => {
        const { suppression, affected } = await suppress({ alarmId });
        expect(affected).toBe(n);
        expect((await door.unsuppress({ region, id: suppression.id })).affected).toBe(n);
      });
    };
    expect(await cost(1_000)).toEqual(await cost(1));
  });
});
