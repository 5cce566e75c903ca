// Hosts that a region cannot do without: which locks and swacts are refused, and who takes over, on a real database.
import { describe, expect, test } from 'vitest';
import { findByIds } from '../../../subgraphs/edge/inventory/hosts/host-store.ts';
import { nothingPending } from '../../support/idle-seams.ts';
import { aRestartableRoom, stuck } from './restartable-room.ts';

describe('of two controllers', () => {
  test('the first is active; the other takes over by swact, and when the active one fails; a lock moves nothing', async () => {
    const place = await aRestartableRoom();
    const [a, b] = [
      await place.host({ personality: 'CONTROLLER', hostname: 'controller-0' }),
      await place.host({ personality: 'CONTROLLER', hostname: 'controller-1' }),
    ];
    const active = async () =>
      (await findByIds(place.room().dataSource, [a.id, b.id])).filter(h => h.activeController).map(h => h.hostname);
    expect(await active()).toEqual(['controller-0']);
    const refused = await place.room().lifecycle.service.command(a.id, 'LOCK');
    expect(refused.userErrors).toMatchObject([
      { code: 'HOST_IS_ACTIVE_CONTROLLER', message: 'The host is the active controller: swact to controller-1 first.' },
    ]);
    expect(await place.command(a.id, 'SWACT')).toMatchObject({ state: 'SUCCEEDED', progress: 100 });
    expect(await active()).toEqual(['controller-1']);
    await place.room().outbox.transaction(tx => place.room().lifecycle.service.report(tx, [b.id], { type: 'SILENT' }));
    expect(await active()).toEqual(['controller-0']);
    await place.beat(b.id);
    expect(await active()).toEqual(['controller-0']);
    await place.command(b.id, 'LOCK');
    await place.turn();
    expect(await place.stateOf(b.id)).toBe('LOCKED ONLINE');
    expect(await active()).toEqual(['controller-0']);
    expect((await place.room().lifecycle.service.command(a.id, 'SWACT')).userErrors).toMatchObject([
      { code: 'PEER_NOT_READY' },
    ]);
    expect((await place.room().lifecycle.service.command(a.id, 'LOCK')).userErrors).toMatchObject([
      { message: expect.stringContaining('bring controller-1 into service and swact to it first') },
    ]);
  });

  test('a third that reports as one waits for a role', async () => {
    const place = await aRestartableRoom();
    for (const n of [0, 1]) await place.host({ personality: 'CONTROLLER', hostname: `controller-${n}` });
    const third = await place.host({ personality: 'CONTROLLER', hostname: 'controller-2' });
    expect(third).toMatchObject({ personality: null, administrative: 'LOCKED', availability: 'ONLINE' });
    const again = await place.host({ personality: 'CONTROLLER', hostname: 'controller-0', identity: 'x' });
    expect(again.personality).toBeNull();
  });

  test('one whose configuration waits for its unlock takes over by force only', async () => {
    const outOfDate = new Map<string, string[]>();
    const place = await aRestartableRoom({ configuration: { ...nothingPending, waiting: async () => outOfDate } });
    const a = await place.host({ personality: 'CONTROLLER', hostname: 'controller-0' });
    const b = await place.host({ personality: 'CONTROLLER', hostname: 'controller-1' });
    outOfDate.set(b.id, []);
    expect((await place.room().lifecycle.service.command(a.id, 'SWACT')).userErrors).toMatchObject([
      { code: 'PEER_NOT_READY', message: expect.stringContaining('controller-1 runs with an old configuration') },
    ]);
    await place.command(a.id, 'FORCE_SWACT');
  });
});

test('a region of one controller stays simplex when an unknown machine boots beside it', async () => {
  const place = await aRestartableRoom();
  const { id } = await place.host({ personality: 'CONTROLLER', hostname: 'controller-0' });
  await place.room().hosts.boot(['02:00:00:00:99:01']);
  await place.command(id, 'LOCK');
  await place.turn();
  expect(await place.stateOf(id)).toBe('LOCKED ONLINE');
  expect((await place.room().lifecycle.service.command(id, 'REBOOT')).userErrors).toMatchObject([
    { code: 'HOST_IS_SIMPLEX' },
  ]);
});

test('of the monitors of storage two stay, also when two locks come at once and the first is still under way', async () => {
  const place = await aRestartableRoom({ evacuation: stuck(1) });
  await place.host({ personality: 'CONTROLLER', hostname: 'controller-0' });
  const standby = await place.host({ personality: 'CONTROLLER', hostname: 'controller-1' });
  const storage = await place.host({ personality: 'STORAGE', hostname: 'storage-0' });
  const { command } = place.room().lifecycle.service;
  const answers = await Promise.all([command(standby.id, 'LOCK'), command(storage.id, 'LOCK')]);
  const refused = answers.flatMap(({ userErrors }) => userErrors);
  expect(refused).toMatchObject([{ code: 'HOST_NEEDED_BY_STORAGE', path: ['input', 'id'] }]);
  expect(refused[0]!.message).toMatch(/bring (controller-1|storage-0) into service first/);
});
