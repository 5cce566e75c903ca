// The catalogue over HTTP: the centre answers it alone, with no region in the graph.
import { beforeAll, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { aCentre, type Centre, type Data } from './fleet-house.ts';

const left = leftovers();
let centre: Centre;

beforeAll(async () => {
  centre = await aCentre();
  left.add(() => centre.close());
});

const FIELDS = `alarmId kind title severities entityTypes alarmType probableCause proposedRepairAction serviceAffecting
  managementAffectingFrom degradeAffectingFrom suppressible inhibits`;
const list = async (args: string): Promise<Data> =>
  (await centre.ask(`{ alarmCatalogue${args} { totalCount nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } }`))
    .alarmCatalogue;

test('a definition says what an alarm of its id is', async () => {
  const { nodes, totalCount } = await list('(filter: { alarmIds: ["100.104", "900.001", "123.456"] })');
  expect(totalCount).toBe(2);
  expect(nodes[0]).toMatchObject({
    alarmId: '100.104',
    kind: 'ALARM',
    title: 'Filesystem usage over threshold',
    severities: ['CRITICAL', 'MAJOR'],
    entityTypes: ['host=<hostname>.filesystem=<mount-dir>', 'host=<hostname>.volumegroup=<volumegroup-name>'],
    proposedRepairAction: expect.stringContaining('file system'),
    managementAffectingFrom: 'CRITICAL',
    degradeAffectingFrom: 'CRITICAL',
    suppressible: true,
    inhibits: false,
  });
});

test('of a log it knows no thresholds and no suppression', async () => {
  const { nodes, totalCount } = await list('(filter: { kinds: [LOG] }, first: 1)');
  expect(totalCount).toBe(196);
  expect(nodes).toMatchObject([
    { kind: 'LOG', managementAffectingFrom: null, degradeAffectingFrom: null, suppressible: null, inhibits: null },
  ]);
});

test('pages lead through all of it, by alarmId', async () => {
  const ids: string[] = [];
  let after = 'null';
  for (let more = true; more; ) {
    const { nodes, pageInfo } = await list(`(first: 100, after: ${after})`);
    ids.push(...nodes.map((node: Data) => node.alarmId));
    more = pageInfo.hasNextPage;
    after = JSON.stringify(pageInfo.endCursor);
  }
  expect(ids).toHaveLength(331);
  expect(ids).toEqual([...ids].sort());
});

test('text is sought in titles, repair actions and entity types', async () => {
  expect((await list('(filter: { text: "LOCKED", kinds: [ALARM] })')).nodes.length).toBeGreaterThan(0);
  expect((await list('(filter: { text: "no such words" })')).totalCount).toBe(0);
});

test('a cursor of another list and a page of 501 are refused', async () => {
  expect(await centre.refusal('{ alarmCatalogue(after: "nonsense") { totalCount } }')).toBe('CURSOR_INVALID');
  expect(await centre.refusal('{ alarmCatalogue(first: 501) { totalCount } }')).toBe('BAD_USER_INPUT');
});
