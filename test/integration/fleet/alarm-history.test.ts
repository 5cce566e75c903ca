// What happened to alarms of the whole fleet: asked of the centre, by time, place, kind and severity, page by page.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, hands } from '../edge/region-house.ts';
import { aCentre, type Centre, type Data } from './fleet-house.ts';

const left = leftovers();
const REGIONS = ['accra-1', 'lagos-1'];
let centre: Centre;

const HISTORY = `query ($filter: AlarmHistoryFilter, $first: Int, $after: Cursor) {
  alarmHistory(filter: $filter, first: $first, after: $after) {
    nodes { kind at severity reasonText by comment sequence alarm { id alarmId region { id } } }
    totalCount pageInfo { hasNextPage endCursor } } }`;

const history = async (filter: Data = {}, page: Data = {}): Promise<Data> =>
  (await centre.ask(HISTORY, { filter, ...page })).alarmHistory;
const kinds = async (filter: Data): Promise<string[]> => (await history(filter)).nodes.map((n: Data) => n.kind);

beforeAll(async () => {
  const house = await aHouse(REGIONS);
  left.add(() => house.stop());
  centre = await aCentre();
  left.add(() => centre.close());
  for (const id of REGIONS) await centre.join(id, house.door(id), { group: `${id}-group` });
  for (const id of REGIONS) {
    const door = hands(house, id);
    const { alarm } = await door.raise({ alarmId: '100.101', entityInstanceId: 'host=a', severity: 'MAJOR' });
    await door.raise({ alarmId: '100.101', entityInstanceId: 'host=a', severity: 'CRITICAL' });
    await door.acknowledge({ id: alarm.id, comment: 'on it', by: 'ada' });
    await door.clear({ id: alarm.id });
  }
  await eventually('all of it', async () => (await history()).totalCount === 8);
});

describe('the history of the fleet', () => {
  test('tells each transition as it was, with who said what', async () => {
    const { nodes } = await history({ regions: ['lagos-1'] });
    expect(nodes.map((n: Data) => [n.kind, n.severity, n.by, n.comment])).toEqual([
      ['CLEARED', 'CRITICAL', null, null],
      ['ACKNOWLEDGED', 'CRITICAL', 'ada', 'on it'],
      ['CHANGED', 'CRITICAL', null, null],
      ['RAISED', 'MAJOR', null, null],
    ]);
    expect(nodes[0].alarm).toMatchObject({ alarmId: '100.101', region: { id: 'lagos-1' } });
    const numbers = nodes.map((n: Data) => Number(n.sequence));
    expect(numbers).toEqual(numbers.map((_: number, i: number) => numbers[0] - i));
  });

  test('is narrowed by every field of its filter', async () => {
    expect(await kinds({ groups: ['accra-1-group'], kinds: ['RAISED', 'CLEARED'] })).toEqual(['CLEARED', 'RAISED']);
    expect(await kinds({ severities: ['MAJOR'] })).toEqual(['RAISED', 'RAISED']);
    expect(await kinds({ hosts: ['b'] })).toEqual([]);
    expect(await kinds({ entityInstanceId: 'host=a', alarmIds: ['100.101'], regions: ['accra-1'] })).toHaveLength(4);
    expect(await kinds({ alarmIds: ['100.102'] })).toEqual([]);
    const [newest] = (await history()).nodes;
    expect(await kinds({ after: newest.at })).toContain(newest.kind);
    expect(await kinds({ before: '2020-01-01T00:00:00.000Z' })).toEqual([]);
  });

  test('is walked page by page without a gap or a repeat', async () => {
    const walked: Data[] = [];
    for (let after: string | null = null; ; ) {
      const { nodes, pageInfo } = await history({}, { first: 3, after });
      walked.push(...nodes);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(walked).toEqual((await history()).nodes);
    expect(walked).toHaveLength(8);
  });
});
