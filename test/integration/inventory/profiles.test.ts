// Host profiles at a real region's door: made, changed, listed, deleted.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { ask, type Variables } from '../edge/ask.ts';
import { aProfileRoom, MANAGEMENT, MEMORY, type ProfileRoom } from './profile-room.ts';

const left = leftovers();
let room: ProfileRoom;

beforeAll(async () => {
  room = await aProfileRoom(left);
});

describe('a profile', () => {
  test('is kept with everything that was left out filled in', async () => {
    const { profile, userErrors } = await room.create({
      name: 'far edge',
      description: 'vRAN',
      configuration: { ...MEMORY, cpu: [{ node: 0, platform: 2 }], interfaces: [MANAGEMENT] },
      labels: [{ key: 'sriov', value: 'enabled' }],
    });
    expect(userErrors).toEqual([]);
    expect(profile).toMatchObject({ name: 'far edge', description: 'vRAN', version: 1, hostCount: 0 });
    expect(profile.configuration).toEqual({
      cpu: [{ node: 0, platform: 2, shared: 0, isolated: 0, application: null }],
      memory: [{ node: 1, platformReservedMiB: 4_096, hugePages2M: 0, hugePages1G: 32 }],
      interfaces: [
        {
          ...{ ...MANAGEMENT, port: null, vlanId: null, uses: [], bondMode: null },
          ...{ vfCount: null, vfDriver: null, mtu: 1_500 },
        },
      ],
      partitions: [],
      storage: [],
    });
    const query = 'query ($id: ID!) { hostProfile(id: $id) { name labels { key value } } }';
    expect((await ask(room.house.url('inventory'), query, { id: profile.id })).hostProfile).toEqual({
      name: 'far edge',
      labels: [{ key: 'sriov', value: 'enabled' }],
    });
  });

  test('has a name of its own, and faults are told with their place', async () => {
    await room.create({ name: 'twice' });
    expect((await room.create({ name: 'twice' })).userErrors).toMatchObject([
      { code: 'ALREADY_EXISTS', path: ['input', 'name'] },
    ]);
    const { profile, userErrors } = await room.create({
      name: ' ',
      configuration: { memory: [{ node: 0, platformReservedMiB: -1 }], interfaces: [{ name: 'v', type: 'VLAN' }] },
    });
    expect(profile).toBeNull();
    expect(userErrors.map((error: { path: string[] }) => error.path.join('.'))).toEqual([
      'input.name',
      'input.configuration.memory.0.platformReservedMiB',
      'input.configuration.interfaces.0.uses',
      'input.configuration.interfaces.0.vlanId',
    ]);
  });

  test('made under an idempotencyKey is made once', async () => {
    const input = { name: 'once', idempotencyKey: randomUUID() };
    const answer = await room.create(input);
    expect(await room.create(input)).toEqual(answer);
  });

  test('is changed field by field, and not over the head of somebody who changed it meanwhile', async () => {
    const id = await room.aProfile(MEMORY, [{ key: 'a', value: '1' }]);
    const { profile } = await room.update({ id, description: 'now with words', version: 1 });
    expect(profile).toMatchObject({ version: 2, description: 'now with words', labels: [{ key: 'a', value: '1' }] });
    expect(profile.configuration.memory).toHaveLength(1);
    expect((await room.update({ id, version: 1, labels: [] })).userErrors).toMatchObject([
      { code: 'VERSION_CONFLICT' },
    ]);
    expect((await room.update({ id, configuration: {}, labels: [] })).profile).toMatchObject({
      version: 3,
      labels: [],
      configuration: { memory: [] },
    });
    const other = (await room.create({ name: 'other' })).profile;
    expect((await room.update({ id, name: other.name })).userErrors).toMatchObject([{ code: 'ALREADY_EXISTS' }]);
  });

  test('that a host has is not deleted; one that none has is', async () => {
    const { id: host } = await room.aLockedHost();
    const [used, unused] = [await room.aProfile(MEMORY), await room.aProfile(MEMORY)];
    await room.apply({ id: host, profile: used });
    expect((await room.remove({ id: used })).userErrors).toMatchObject([{ code: 'IN_USE', path: ['input', 'id'] }]);
    expect((await room.remove({ id: unused })).userErrors).toEqual([]);
    expect((await room.remove({ id: unused })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    await room.apply({ id: host, profile: await room.aProfile(MEMORY) });
    expect((await room.remove({ id: used })).profile).toMatchObject({ id: used });
  });
});

test("a region's profiles are listed by name, in pages", async () => {
  const list = 'hostProfiles(first: $first, after: $after) { totalCount nodes { name } pageInfo { endCursor } }';
  const read = (variables: Variables) =>
    room.door.region('inventory', list, variables, ', $first: Int, $after: Cursor').then(region => region.hostProfiles);
  const all = await read({ first: 500 });
  expect(all.nodes).toHaveLength(all.totalCount);
  const first = await read({ first: 2 });
  const rest = await read({ first: 500, after: first.pageInfo.endCursor });
  expect([...first.nodes, ...rest.nodes]).toEqual(all.nodes);
});
