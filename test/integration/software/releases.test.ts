// What hosts run, as their agents say it, and the releases of the region that follow from it.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { readChanges } from '../edge/change-lines.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
  // the hosts below are none of the inventory's: once it is followed, only what it removes is forgotten
  await eventually('the inventory to be followed', async () => {
    const [followed] = await house.rows('select epoch from software.followed');
    return followed?.epoch;
  });
});

const hostId = () => `lagos-1/${randomUUID()}`;
const softwareOf = async (ids: readonly string[]) => {
  const references = ids.map(id => ({ __typename: 'Host', id }));
  const selection = '... on Host { software { release reportedAt } }';
  const { data } = await door.entities('software', references, selection);
  return data._entities.map((host: { software: { release: string } | null }) => host.software?.release ?? null);
};
const releases = async (args = '') =>
  (
    await door.region(
      'software',
      `releases${args} { nodes { id releaseId softwareVersion state hostCount } totalCount pageInfo { hasNextPage endCursor } }`,
    )
  ).releases;

test('a host runs what its agent said last; null until it has said anything', async () => {
  const id = hostId();
  expect(await softwareOf([id])).toEqual([null]);
  await door.software({ hosts: [{ id, release: 'starlingx-10.0.0' }] });
  await door.software({ hosts: [{ id, release: 'starlingx-10.0.1' }] });
  expect(await softwareOf([id])).toEqual(['starlingx-10.0.1']);
});

test('a release is DEPLOYED with its count of hosts and AVAILABLE once none runs it', async () => {
  const [a, b] = [hostId(), hostId()];
  await door.software({ hosts: [a, b].map(id => ({ id, release: 'upgrade-1', softwareVersion: '1.0' })) });
  await door.software({ hosts: [{ id: a, release: 'upgrade-2', softwareVersion: '2.0' }] });
  const seen = async (id: string) => (await releases()).nodes.find((r: { releaseId: string }) => r.releaseId === id);
  expect(await seen('upgrade-1')).toEqual({
    id: 'lagos-1/upgrade-1',
    releaseId: 'upgrade-1',
    softwareVersion: '1.0',
    state: 'DEPLOYED',
    hostCount: 1,
  });
  await door.software({ hosts: [{ id: b, release: 'upgrade-2' }] });
  expect(await seen('upgrade-1')).toMatchObject({ state: 'AVAILABLE', hostCount: 0 });
  expect(await seen('upgrade-2')).toMatchObject({ state: 'DEPLOYED', hostCount: 2, softwareVersion: '2.0' });
});

test('releases come in pages by release id, each once', async () => {
  await door.software({ hosts: Array.from({ length: 7 }, (_, i) => ({ id: hostId(), release: `paged-${i}` })) });
  const seen: string[] = [];
  for (let args = '(first: 3)', more = true; more; ) {
    const { nodes, totalCount, pageInfo } = await releases(args);
    expect(totalCount).toBeGreaterThanOrEqual(7);
    seen.push(...nodes.map((release: { releaseId: string }) => release.releaseId));
    args = `(first: 3, after: "${pageInfo.endCursor}")`;
    more = pageInfo.hasNextPage;
  }
  expect(seen).toEqual((await releases('(first: 500)')).nodes.map((r: { releaseId: string }) => r.releaseId));
  expect(new Set(seen).size).toBe(seen.length);
});

test('a change of release is told to followers once; the same again is not', async () => {
  const id = hostId();
  const [{ sequence }] = await house.rows('select sequence from software.outbox_head');
  const stream = await readChanges(house.door(), `software=${sequence}`);
  left.add(() => stream.close());
  for (const release of ['told-1', 'told-1', 'told-2']) await door.software({ hosts: [{ id, release }] });
  const changes = await stream.until('software', 2);
  expect(changes.map(change => change.row.release)).toEqual(['told-1', 'told-2']);
});

test('a host that stands twice in one report runs the last', async () => {
  const id = hostId();
  await door.software({ hosts: ['twice-1', 'twice-2'].map(release => ({ id, release })) });
  expect(await softwareOf([id])).toEqual(['twice-2']);
});

test('a report with a bad release id is refused as a whole', async () => {
  const id = hostId();
  const { userErrors } = await door.software({
    hosts: [
      { id, release: 'fine' },
      { id: hostId(), release: 'not fine' },
    ],
  });
  expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'hosts', '1', 'release'] }]);
  expect(await softwareOf([id])).toEqual([null]);
});

test('software of fifty hosts costs one statement', async () => {
  const ids = Array.from({ length: 50 }, hostId);
  expect(await statementsOf(/^software\.by/, () => softwareOf(ids))).toEqual(['software.byHosts']);
});

test('a release is found by reference; one of another region is refused', async () => {
  await door.software({ hosts: [{ id: hostId(), release: 'referred-1' }] });
  const refer = (id: string) =>
    door.entities('software', [{ __typename: 'Release', id }], '... on Release { releaseId hostCount }');
  expect((await refer('lagos-1/referred-1')).data._entities).toEqual([{ releaseId: 'referred-1', hostCount: 1 }]);
  expect((await refer('lagos-1/none')).data._entities).toEqual([null]);
  expect((await refer('accra-1/referred-1')).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});
