// The history of alarms through a real region's door: every transition, filtered and paged.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { ask, type post } from '../edge/ask.ts';
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

const NODE = 'sequence kind at severity reasonText by comment alarm { id alarmId entityInstanceId }';
const PAGE = `nodes { ${NODE} } pageInfo { hasNextPage endCursor } totalCount`;

const historyOf = async (filter: Record<string, unknown>, page: { first?: number; after?: string | null } = {}) =>
  (
    await door.region(
      'faults',
      `alarmHistory(filter: $filter, first: $first, after: $after) { ${PAGE} }`,
      { filter, first: page.first ?? 50, after: page.after ?? null },
      ', $filter: RegionAlarmHistoryFilter, $first: Int, $after: Cursor',
    )
  ).alarmHistory;

describe('the history of a region', () => {
  test('has every transition as it left the alarm, newest first, with who said what', async () => {
    const key = { alarmId: '300.010', entityInstanceId: 'host=whole-life.port=eth0' };
    const { id } = (await door.raise({ ...key, severity: 'MINOR', reasonText: 'flaps' })).alarm;
    await door.raise({ ...key, severity: 'MINOR', reasonText: 'flaps' }); // says nothing new: no transition
    await door.raise({ ...key, severity: 'MAJOR', reasonText: 'down' });
    await door.acknowledge({ id, comment: 'on my way', by: 'ada' });
    await door.unacknowledge({ id, by: 'bo' });
    await door.comment({ id, comment: 'cable cut', by: 'ada' });
    const { alarm } = await door.clear({ id });
    const { nodes, totalCount } = await historyOf({ entityInstanceId: key.entityInstanceId });
    expect(totalCount).toBe(6);
    const major = { severity: 'MAJOR', reasonText: 'down', by: null, comment: null };
    expect(nodes).toMatchObject([
      { ...major, kind: 'CLEARED', at: alarm.clearedAt, sequence: alarm.sequence, alarm: { id } },
      { ...major, kind: 'COMMENTED', by: 'ada', comment: 'cable cut' },
      { ...major, kind: 'UNACKNOWLEDGED', by: 'bo' },
      { ...major, kind: 'ACKNOWLEDGED', by: 'ada', comment: 'on my way' },
      { ...major, kind: 'CHANGED' },
      { kind: 'RAISED', severity: 'MINOR', reasonText: 'flaps', by: null, comment: null },
    ]);
  });

  test('says the same as what followers are told, number by number', async () => {
    const { results } = await door.raiseAll({
      region: 'lagos-1',
      alarms: ['a', 'b', 'a'].map((port, i) => ({
        alarmId: '300.011',
        severity: 'MINOR',
        entityInstanceId: `host=twofold.port=${port}`,
        reasonText: `no. ${i}`,
      })),
    });
    expect(results).toHaveLength(3);
    const kept = await house.rows(
      'select sequence, kind, at, alarm::text as id from faults.alarm_transition order by sequence',
    );
    const told = await house.rows('select sequence, kind, at, entity_id as id from faults.outbox order by sequence');
    expect(kept).toEqual(told);
  });

  test('narrows by time, entity, host, alarmId, severity and kind', async () => {
    const place = (host: string) => `host=${host}.port=eth0`;
    const early = (await door.raise({ alarmId: '300.012', entityInstanceId: place('n1'), severity: 'MINOR' })).alarm;
    const late = (await door.raise({ alarmId: '300.013', entityInstanceId: place('n2'), severity: 'MAJOR' })).alarm;
    const { alarm: cleared } = await door.clear({ id: early.id });
    const here = { hosts: ['n1', 'n2'] };
    const found = async (filter: Record<string, unknown>) =>
      (await historyOf(filter)).nodes.map((n: { kind: string; alarm: { id: string } }) => [n.kind, n.alarm.id]);
    const all = [
      ['CLEARED', early.id],
      ['RAISED', late.id],
      ['RAISED', early.id],
    ];
    expect(await found(here)).toEqual(all);
    expect(await found({ hosts: ['n2'] })).toEqual([all[1]]);
    expect(await found({ ...here, alarmIds: ['300.012'] })).toEqual([all[0], all[2]]);
    expect(await found({ entityInstanceId: place('n2') })).toEqual([all[1]]);
    expect(await found({ ...here, severities: ['MAJOR'] })).toEqual([all[1]]);
    expect(await found({ ...here, kinds: ['RAISED'] })).toEqual(all.slice(1));
    expect(await found({ alarmIds: ['300.012'], after: cleared.clearedAt })).toEqual([all[0]]);
    expect(await found({ alarmIds: ['300.012'], before: cleared.clearedAt })).toEqual([all[2]]);
  });

  test('pages without a gap or a repeat, also where many share one instant', async () => {
    const alarms = Array.from({ length: 25 }, (_, i) => ({
      alarmId: '300.014',
      severity: 'MINOR',
      entityInstanceId: `host=paged-${i}`,
    }));
    await door.raiseAll({ region: 'lagos-1', alarms });
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof historyOf>> = await historyOf(
        { alarmIds: ['300.014'] },
        { first: 10, after },
      );
      expect(page.totalCount).toBe(25);
      seen.push(...page.nodes.map((node: { sequence: string }) => node.sequence));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual([...seen].sort((a, b) => Number(b) - Number(a)));
    expect(new Set(seen).size).toBe(25);
  });

  test('refuses the cursor of another list', async () => {
    const { alarms } = await door.region('faults', 'alarms(first: 1) { pageInfo { endCursor } }');
    const { errors } = await door.entities(
      'faults',
      [{ __typename: 'Region', id: 'lagos-1' }],
      `... on Region { alarmHistory(after: "${alarms.pageInfo.endCursor}") { totalCount } }`,
    );
    expect(errors).toMatchObject([{ extensions: { code: 'CURSOR_INVALID' } }]);
  });

  test('is counted only when asked how many', async () => {
    const ofPage = await statementsOf(/^history\./, () => door.region('faults', 'alarmHistory { nodes { kind } }'));
    expect(ofPage).toEqual(['history.page']);
  });
});

describe('the history of an alarm', () => {
  test('is its own alone, also after it was raised anew', async () => {
    const key = { alarmId: '300.020', entityInstanceId: 'host=twice' };
    const first = (await door.raise(key)).alarm;
    await door.clear({ id: first.id });
    const second = (await door.raise(key)).alarm;
    const kinds = async (id: string) => {
      const text = 'query ($id: ID!) { alarm(id: $id) { history(first: 1) { totalCount nodes { kind } } } }';
      return (await ask(house.url('faults'), text, { id })).alarm.history;
    };
    expect(await kinds(first.id)).toEqual({ totalCount: 2, nodes: [{ kind: 'CLEARED' }] });
    expect(await kinds(second.id)).toEqual({ totalCount: 1, nodes: [{ kind: 'RAISED' }] });
  });

  test('costs as many statements for forty alarms as for one, comments too', async () => {
    const alarms = Array.from({ length: 40 }, (_, i) => ({
      alarmId: '300.021',
      severity: 'MINOR',
      entityInstanceId: `host=many-${i}`,
    }));
    const { results } = await door.raiseAll({ region: 'lagos-1', alarms });
    const ids: string[] = results.map((r: { alarm: { id: string } }) => r.alarm.id);
    let answer: Awaited<ReturnType<typeof post>> | undefined;
    const cost = (of: readonly string[]) =>
      statementsOf(/^(history|comments|alarms)\./, async () => {
        answer = await door.entities(
          'faults',
          of.map(id => ({ __typename: 'Alarm', id })),
          '... on Alarm { id comments { text } history { totalCount nodes { kind alarm { id } } } }',
        );
      });
    const forOne = await cost(ids.slice(0, 1));
    expect(await cost(ids)).toEqual(forOne);
    expect(answer?.data._entities).toEqual(
      ids.map(id => ({ id, comments: [], history: { totalCount: 1, nodes: [{ kind: 'RAISED', alarm: { id } }] } })),
    );
  });

  test('of an alarm that was never there is no alarm', async () => {
    const text = 'query ($id: ID!) { alarm(id: $id) { history { totalCount } } }';
    expect(await ask(house.url('faults'), text, { id: `lagos-1/${randomUUID()}` })).toEqual({ alarm: null });
  });
});
