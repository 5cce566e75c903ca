// Simulated workloads on a real database: hosts are emptied and filled, whatever is killed in between.
import { beforeEach, describe, expect, test } from 'vitest';
import type { HostRow } from '../../../subgraphs/edge/inventory/hosts/host.ts';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aStage, type Stage } from './workload-stage.ts';

const left = leftovers();
let stage: Stage;
let [a, b]: HostRow[] = [];
const MOVE_MS = 60_000;

beforeEach(async () => {
  stage = await aStage({ workloads: { simulatedMoveMs: MOVE_MS } });
  left.add(stage.close);
  a = await stage.host({ hostname: 'a' });
  b = await stage.host({ hostname: 'b' });
});

describe('a host that is emptied', () => {
  test('keeps what would break a budget until its like runs again, and says so', async () => {
    await stage.budget('pay', 1);
    for (const n of [0, 1]) await stage.run(a!, `pay-${n}`, { disruptionGroup: 'pay' });
    await stage.run(a!, 'upf-0', { kind: 'VM' });
    const blockedBy = ['pay-1 is the last available of its disruption group pay; 1 must stay.'];
    expect(await stage.evacuate(a!)).toEqual({ done: false, remaining: 2, blockedBy });
    expect(await stage.sight()).toEqual(['pay-0 PENDING on b', 'pay-1 RUNNING on a', 'upf-0 MIGRATING on a']);
    expect(await stage.evacuate(a!)).toEqual({ done: false, remaining: 2, blockedBy }); // asked again: nothing new
    stage.pass(MOVE_MS);
    await stage.seen('pay-0 RUNNING on b', 'upf-0 RUNNING on b');
    expect(await stage.evacuate(a!)).toEqual({ done: true, remaining: 0, blockedBy: [] });
    stage.pass(MOVE_MS);
    await stage.seen('pay-1 RUNNING on b');
  });

  test('goes on after its region was killed in the middle of a move', async () => {
    await stage.run(a!, 'upf-0', { kind: 'VM' });
    expect(await stage.evacuate(a!)).toMatchObject({ done: false, remaining: 1, blockedBy: [] });
    await stage.shut();
    stage.pass(MOVE_MS);
    expect(await stage.sight()).toEqual(['upf-0 MIGRATING on a']);
    await stage.open();
    expect(await stage.evacuations()).toHaveLength(1); // long not asked for, but nobody could
    await stage.empty(a!);
    expect(await stage.sight()).toEqual(['upf-0 RUNNING on b']);
  });

  test('takes nothing from others, until nobody asks for it any more', async () => {
    await stage.run(b!, 'web-0');
    await stage.evacuate(a!);
    expect((await stage.evacuate(b!)).blockedBy).toEqual([
      'web-0 has nowhere to go: no other host for workloads is in service.',
    ]);
    stage.pass(30_000);
    await eventually('lapsed', async () => (await stage.evacuations()).length === 0);
    expect(await stage.evacuate(b!)).toMatchObject({ done: true });
  });

  test('by force is empty at once; what finds no room waits for some', async () => {
    await stage.run(a!, 'db-0', { migratable: false });
    await stage.run(a!, 'gpu-0', { gpus: 2 });
    await stage.set(a!, 'UNLOCKED', 'DISABLED', 'FAILED'); // its workloads are restarted elsewhere
    expect(await stage.evacuate(a!, true)).toEqual({ done: true, remaining: 0, blockedBy: [] });
    expect(await stage.sight()).toEqual(['db-0 PENDING on b', 'gpu-0 PENDING on none']);
    const device = { pciAddress: '0000:3b:00.0', kind: 'GPU', vendorId: '10de', deviceId: '20b5' };
    await stage.host({ hostname: 'c', devices: [device, device] as never });
    await stage.seen('gpu-0 PENDING on c');
  });

  test('whose target leaves service meanwhile keeps its machine; a container waits for another host', async () => {
    await stage.run(a!, 'upf-0', { kind: 'VM' });
    await stage.run(a!, 'web-0');
    await stage.evacuate(a!);
    await stage.set(b!, 'UNLOCKED', 'DISABLED', 'FAILED');
    stage.pass(MOVE_MS);
    await stage.seen('upf-0 RUNNING on a', 'web-0 PENDING on a'); // the mark has lapsed: a takes workloads again
  });
});

describe('a region with one host for workloads', () => {
  test('stops them when it is locked, and starts them when it is back', async () => {
    await stage.set(b!, 'LOCKED', 'DISABLED', 'ONLINE');
    await stage.dataSource.query('delete from host where id = $1', [b!.id]);
    await stage.budget('pay', 1);
    await stage.run(a!, 'pay-0', { disruptionGroup: 'pay' });
    expect(await stage.evacuate(a!)).toEqual({ done: true, remaining: 0, blockedBy: [] });
    await stage.set(a!, 'LOCKED', 'DISABLED', 'ONLINE');
    expect(await stage.sight()).toEqual(['pay-0 PENDING on none']);
    stage.pass(30_000);
    await eventually('lapsed', async () => (await stage.evacuations()).length === 0);
    await stage.set(a!, 'UNLOCKED', 'ENABLED', 'AVAILABLE');
    await stage.seen('pay-0 PENDING on a');
    stage.pass(MOVE_MS);
    await stage.seen('pay-0 RUNNING on a');
  });
});

describe('a simulated host', () => {
  test('comes with workloads once: they survive restarts, moves and the deletion of the host', async () => {
    await stage.close();
    stage = await aStage({ workloads: { simulated: true, simulatedMoveMs: MOVE_MS } });
    const hosts = await Promise.all([0, 1].map(n => stage.host({ hostname: `compute-${n}` })));
    for (const host of hosts) await stage.beat(host);
    await stage.seen('web-compute-0 RUNNING on compute-0', 'web-compute-1 RUNNING on compute-1');
    const before = await stage.sight();
    expect(before).toHaveLength(8);
    await stage.empty(hosts[0]!, true);
    await stage.shut();
    await stage.dataSource.query('delete from host where id = $1', [hosts[0]!.id]);
    await stage.beat(await stage.host({ hostname: 'compute-0' }));
    await stage.open();
    await eventually('seeded', async () => (await stage.dataSource.query('select 1 from workload_seed')).length === 2);
    expect((await stage.sight()).map(line => line.split(' ')[0])).toEqual(before.map(line => line.split(' ')[0]));
    expect(await stage.sight()).toContain('web-compute-0 PENDING on compute-1');
    await stage.close();
  });
});
