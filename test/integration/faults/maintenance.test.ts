// Maintenance windows through a real region's door: what they hide and for how long, whatever happens to the region.
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

const region = 'lagos-1';
const DAY_MS = 86_400_000;
const ahead = (ms: number) => new Date(Date.now() + ms).toISOString();
let made = 0;
/** A host that no other test uses. */
const newHost = () => `m${++made}`;

const start = (input: Record<string, unknown>) =>
  door.startMaintenance({ region, until: ahead(DAY_MS), reason: 'new cables', ...input });
const raise = async (entityInstanceId: string, alarmId = '200.006') =>
  (await door.raise({ alarmId, entityInstanceId, severity: 'MAJOR' })).alarm;

const listed = async (host: string, more = '') => {
  const { alarms } = await door.region(
    'faults',
    `alarms(first: 500, filter: { acknowledged: false${more} }) { totalCount nodes { entityInstanceId inMaintenance managementAffecting } }`,
  );
  expect(alarms.totalCount).toBe(alarms.nodes.length);
  return alarms.nodes
    .filter((alarm: { entityInstanceId: string }) => new RegExp(`^host=${host}(\\.|$)`).test(alarm.entityInstanceId))
    .map((alarm: { entityInstanceId: string; inMaintenance: boolean }) => [alarm.entityInstanceId, alarm.inMaintenance])
    .sort();
};
const told = async (id: string): Promise<unknown[]> =>
  (
    await house.rows(
      `select kind, ("row" ->> 'inMaintenance')::boolean as hidden, "row" -> 'note' as note
       from faults.outbox where entity_id = $1 order by sequence`,
      [id.split('/')[1]],
    )
  ).map(({ kind, hidden, note }) => [kind, hidden, note?.by ?? null, note?.comment ?? null]);
const windows = async (args = '') =>
  (
    await door.region(
      'faults',
      `maintenanceWindows(first: 500${args}) { totalCount nodes { id state begunAt endedAt } }`,
    )
  ).maintenanceWindows.nodes;
const stateOf = async (id: string) =>
  (await windows(', includePast: true')).find((window: { id: string }) => window.id === id)?.state;

describe('a maintenance window', () => {
  test('hides all alarms of what it covers, whatever their alarmId, the lock too, and no neighbour', async () => {
    const host = newHost();
    const { id } = await raise(`host=${host}.process=ntpd`);
    await raise(`host=${host}`, '200.001');
    await raise(`host=${host}-2`);
    const { maintenanceWindow, affected, userErrors } = await start({ entityPattern: `host=${host}`, by: 'ada' });
    expect(userErrors).toEqual([]);
    expect(maintenanceWindow).toMatchObject({ state: 'ACTIVE', by: 'ada', endedAt: null });
    expect(maintenanceWindow.begunAt).toBe(maintenanceWindow.from);
    expect(affected).toBe(2);
    expect(await listed(host)).toEqual([]);
    expect(await listed(`${host}-2`)).toEqual([[`host=${host}-2`, false]]);
    expect(await listed(host, ', includeSuppressed: true, includeMasked: true')).toEqual([]);
    expect(await listed(host, ', includeHidden: true')).toEqual([
      [`host=${host}`, true],
      [`host=${host}.process=ntpd`, true],
    ]);
    expect((await told(id)).at(-1)).toEqual(['SUPPRESSED', true, 'ada', 'new cables']);
  });

  test('hides what is raised in it, and leaves the history and the alarm itself to see, with all its facts', async () => {
    const host = newHost();
    await start({ entityPattern: `host=${host}` });
    const { id } = await raise(`host=${host}`, '200.004');
    const alarms = [{ alarmId: '200.006', severity: 'MINOR', entityInstanceId: `host=${host}.process=bulk` }];
    await door.raiseAll({ region, alarms });
    await door.usage({ samples: [{ hostname: host, resource: 'MEMORY', usedPercent: 99 }] });
    expect(await listed(host)).toEqual([]);
    expect(await listed(host, ', includeHidden: true')).toHaveLength(3);
    expect(await told(id)).toEqual([['RAISED', true, null, null]]);
    const { alarm } = await ask(
      house.url('faults'),
      'query ($id: ID!) { alarm(id: $id) { inMaintenance managementAffecting history { nodes { kind } } } }',
      { id },
    );
    expect(alarm).toEqual({
      inMaintenance: true,
      managementAffecting: true,
      history: { nodes: [{ kind: 'RAISED' }] },
    });
  });

  test("hides from a host's alarms as well", async () => {
    const hostname = newHost();
    const host = await door.host({ hostname });
    await raise(`host=${hostname}`);
    const count = async (filter = '') => {
      const { data } = await door.entities(
        'faults',
        [{ __typename: 'Host', id: host.id }],
        `... on Host { alarms${filter} { totalCount nodes { id } } }`,
      );
      const list = data._entities[0].alarms;
      return list && [list.totalCount, list.nodes.length];
    };
    await eventually('the directory to know it', async () => (await count())?.[0] === 1);
    await start({ entityPattern: `host=${hostname}` });
    expect(await count()).toEqual([0, 0]);
    expect(await count('(filter: { includeHidden: true })')).toEqual([1, 1]);
  });

  test('ended before its time shows only what no other window covers, and cannot be ended twice', async () => {
    const host = newHost();
    const { id } = await raise(`host=${host}.port=a`);
    await raise(`host=${host}.port=b`);
    const whole = (await start({ entityPattern: `host=${host}` })).maintenanceWindow;
    expect((await start({ entityPattern: `host=${host}.port=b` })).affected).toBe(0);
    const ended = await door.endMaintenance({ id: whole.id, by: 'bo' });
    expect(ended).toMatchObject({
      maintenanceWindow: { id: whole.id, state: 'ENDED', endedBy: 'bo' },
      affected: 1,
      userErrors: [],
    });
    expect(await listed(host)).toEqual([[`host=${host}.port=a`, false]]);
    expect((await told(id)).at(-1)).toEqual(['UNSUPPRESSED', false, 'bo', null]);
    const again = await door.endMaintenance({ id: whole.id });
    expect(again.userErrors).toMatchObject([{ code: 'ALREADY_ENDED', path: ['input', 'id'] }]);
    expect(await stateOf(whole.id)).toBe('ENDED');
    expect((await windows()).map((window: { id: string }) => window.id)).not.toContain(whole.id);
  });

  test('and a suppression hide each on its own', async () => {
    const host = newHost();
    const entityPattern = `host=${host}`;
    await raise(entityPattern);
    const { maintenanceWindow } = await start({ entityPattern });
    const { suppression } = await door.suppress({ region, alarmId: '200.006', entityPattern, reason: 'known' });
    await door.endMaintenance({ id: maintenanceWindow.id });
    expect(await listed(host)).toEqual([]);
    expect(await listed(host, ', includeSuppressed: true')).toEqual([[entityPattern, false]]);
    await door.unsuppress({ region, id: suppression.id });
    expect(await listed(host)).toEqual([[entityPattern, false]]);
  });
});

describe('by itself', () => {
  test('a window begins, and stays through a restart of the region', async () => {
    const host = newHost();
    await raise(`host=${host}`);
    const { id, state } = (await start({ entityPattern: `host=${host}`, from: ahead(500) })).maintenanceWindow;
    expect(state).toBe('PLANNED');
    await eventually('it to begin', async () => (await listed(host)).length === 0);
    await house.stop();
    await house.start();
    expect(await stateOf(id)).toBe('ACTIVE');
    expect(await listed(host, ', includeHidden: true')).toEqual([[`host=${host}`, true]]);
    expect((await door.endMaintenance({ id })).affected).toBe(1);
  });

  test('a window ends', async () => {
    const host = newHost();
    const { id } = await raise(`host=${host}`);
    const until = ahead(1_500);
    await start({ entityPattern: `host=${host}`, until });
    await eventually('it to end', async () => (await listed(host)).length === 1);
    expect(new Date().toISOString() >= until).toBe(true);
    expect((await told(id)).slice(1)).toEqual([
      ['SUPPRESSED', true, null, 'new cables'],
      ['UNSUPPRESSED', false, null, 'The maintenance window is over.'],
    ]);
  });
});

describe('starting maintenance', () => {
  test('twice under one idempotencyKey is done once', async () => {
    const input = { entityPattern: `host=${newHost()}`, until: ahead(DAY_MS), idempotencyKey: randomUUID() };
    expect(await start(input)).toEqual(await start(input));
  });

  test.each<[string, () => Record<string, unknown>, string, string]>([
    ['a place that is none', () => ({ entityPattern: 'compute' }), 'INVALID', 'entityPattern'],
    ['no reason', () => ({ reason: ' ' }), 'INVALID', 'reason'],
    ['a name of 256 characters', () => ({ by: 'b'.repeat(256) }), 'TOO_LONG', 'by'],
    ['an end in the past', () => ({ until: ahead(-1) }), 'INVALID', 'until'],
    ['an end before its beginning', () => ({ from: ahead(60_000), until: ahead(59_000) }), 'INVALID', 'until'],
    ['more than 31 days', () => ({ until: ahead(31 * DAY_MS + 60_000) }), 'INVALID', 'until'],
    ['a beginning in two years', () => ({ from: ahead(730 * DAY_MS), until: ahead(731 * DAY_MS) }), 'INVALID', 'from'],
  ])('with %s is refused', async (_, wrong, code, field) => {
    const { maintenanceWindow, userErrors } = await start(wrong());
    expect(maintenanceWindow).toBeNull();
    expect(userErrors).toMatchObject([{ code, path: ['input', field] }]);
  });

  test('in another region is refused', async () => {
    const mutation = 'mutation ($input: StartMaintenanceInput!) { startMaintenance(input: $input) { affected } }';
    const input = { region: 'accra-1', until: ahead(DAY_MS), reason: 'r' };
    expect(await refusal(house.url('faults'), mutation, { input })).toBe('BAD_USER_INPUT');
  });

  test('of the whole region hides everything until it is ended', async () => {
    const host = newHost();
    await raise(`host=${host}`);
    const { maintenanceWindow } = await start({});
    const { alarms } = await door.region('faults', 'alarms { totalCount }');
    expect(alarms.totalCount).toBe(0);
    await door.endMaintenance({ id: maintenanceWindow.id });
    expect(await listed(host)).toEqual([[`host=${host}`, false]]);
  });

  test('on a thousand alarms costs as many statements as on one', async () => {
    const cost = async (n: number) => {
      const host = newHost();
      const alarms = Array.from({ length: n }, (_, i) => ({
        alarmId: '300.004',
        severity: 'MINOR',
        entityInstanceId: `host=${host}.port=${i}`,
      }));
      await door.raiseAll({ region, alarms });
      return statementsOf(/^(alarms|hiding\.inForce|maintenance\.(insert|end)|history\.append)/, async () => {
        const { maintenanceWindow, affected } = await start({ entityPattern: `host=${host}` });
        expect(affected).toBe(n);
        expect((await door.endMaintenance({ id: maintenanceWindow.id })).affected).toBe(n);
      });
    };
    expect(await cost(1_000)).toEqual(await cost(1));
  });
});
