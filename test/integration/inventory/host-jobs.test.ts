// Jobs of hosts on a real database: each step is a row before it is done, so whoever starts after a crash goes on from it.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type HostPower, noPower, PowerError } from '../../../subgraphs/edge/inventory/lifecycle/host-power.ts';
import type { Command } from '../../../subgraphs/edge/inventory/lifecycle/host-state.ts';
import { aHost } from '../../support/builders.ts';
import { nothingPending } from '../../support/idle-seams.ts';
import { aRestartableRoom, later, stuck } from './restartable-room.ts';

const BMC = { type: 'REDFISH', ip: '10.0.0.7', username: 'admin' } as const;
/** Power that obeys, and remembers what it was asked. */
function aPower(answers: { refuse?: PowerError } = {}): HostPower & { readonly asked: string[]; is: 'ON' | 'OFF' } {
  const asked: string[] = [];
  const power: HostPower & { readonly asked: string[]; is: 'ON' | 'OFF' } = {
    asked,
    is: 'ON',
    available: ({ bmc }) => (bmc ? null : 'it has no board management controller'),
    state: async () => power.is,
    on: async () => ask('on', 'ON'),
    off: async () => ask('off', 'OFF'),
    reset: async () => ask('reset', 'ON'),
    bootOnce: async (_, from) => ask(`boot from ${from}`, power.is),
  };
  const ask = (what: string, then: 'ON' | 'OFF'): void => {
    if (answers.refuse) throw answers.refuse;
    asked.push(what);
    power.is = then;
  };
  return power;
}

describe('an unlock', () => {
  test('survives a restart of the region at each of its steps, and brings the host into service', async () => {
    const applied: string[] = [];
    const configuration = {
      ...nothingPending,
      settle: async (_: unknown, id: string) => void applied.push(id),
    };
    const place = await aRestartableRoom({ configuration });
    const { id } = await place.host();
    const lock = await place.command(id, 'LOCK');
    await place.restart(); // before its workloads were asked to leave
    await place.turn();
    expect(await place.job(lock.id)).toMatchObject({ state: 'SUCCEEDED', progress: 100, step: null });
    expect(await place.stateOf(id)).toBe('LOCKED ONLINE');
    expect(await place.conditions(id)).toEqual(['200.001']);

    const { id: jobId } = await place.command(id, 'UNLOCK');
    expect(await place.look(id)).toMatchObject({ task: 'Unlocking: booting', provisioning: 'PROVISIONED' });
    await place.restart(); // before its agent took the order
    const { tasks } = await place.beat(id);
    expect(tasks).toMatchObject([{ hostId: id, kind: 'REBOOT' }]);
    expect((await place.beat(id)).tasks).toEqual(tasks); // until it answers
    await place.room().lifecycle.service.answerTask({ id: tasks[0]!.id, state: 'ACCEPTED' });
    expect((await place.beat(id)).tasks).toEqual([]);
    await place.restart(); // while it boots
    await place.beat(id, 'boot-2');
    expect(await place.look(id)).toMatchObject({ availability: 'INTEST', operational: 'DISABLED', bootId: 'boot-2' });
    expect(await place.job(jobId)).toMatchObject({ state: 'RUNNING', step: 'TESTING' });
    await place.restart(); // while it is tested
    await place.beat(id, 'boot-2');
    expect(await place.stateOf(id)).toBe('UNLOCKED AVAILABLE');
    expect(await place.job(jobId)).toMatchObject({ state: 'SUCCEEDED', progress: 100 });
    expect(applied).toEqual([id]);
    expect(await place.conditions(id)).toEqual([]);
  });

  test('that nobody takes leaves the host locked, and says why', async () => {
    const place = await aRestartableRoom();
    const { id } = await place.host();
    await place.command(id, 'LOCK');
    await place.turn();
    const job = await place.command(id, 'UNLOCK');
    later(59_000);
    await place.turn();
    expect(await place.job(job.id)).toMatchObject({ state: 'RUNNING' });
    later(2_000);
    await place.turn();
    expect(await place.job(job.id)).toMatchObject({
      state: 'FAILED',
      message: expect.stringContaining('took no order within 60 s'),
    });
    expect((await place.beat(id)).tasks).toEqual([]);
    expect(await place.stateOf(id)).toBe('LOCKED ONLINE');
  });

  test('is asked for again while its host beats on: its agent died when it had taken the order', async () => {
    const place = await aRestartableRoom();
    const { id } = await place.host();
    await place.command(id, 'LOCK');
    await place.turn();
    const job = await place.command(id, 'UNLOCK');
    const { tasks } = await place.beat(id);
    const take = () => place.room().lifecycle.service.answerTask({ id: tasks[0]!.id, state: 'ACCEPTED' });
    later(30_000);
    await take();
    later(59_000);
    expect((await place.beat(id)).tasks).toEqual([]);
    later(2_000);
    expect((await place.beat(id)).tasks).toMatchObject([{ id: tasks[0]!.id, kind: 'REBOOT' }]);
    await take();
    expect((await place.beat(id)).tasks).toEqual([]);
    await place.turn(); // nor is it given up as an order that nobody took
    await place.beat(id, 'boot-2');
    await place.beat(id, 'boot-2');
    expect((await place.beat(id, 'boot-2')).tasks).toEqual([]);
    expect(await place.job(job.id)).toMatchObject({ state: 'SUCCEEDED' });
  });

  test('whose host does not come back ends with a failed host and its alarm; by a boot it is mended', async () => {
    const place = await aRestartableRoom({ times: { workerBootMs: 300_000 } });
    const { id } = await place.host();
    await place.command(id, 'LOCK');
    await place.turn();
    const job = await place.command(id, 'UNLOCK');
    const { tasks } = await place.beat(id);
    await place.room().lifecycle.service.answerTask({ id: tasks[0]!.id, state: 'ACCEPTED' });
    later(300_000);
    await place.restart(); // the deadline is a row too, but who was away listens before it gives up
    await place.turn();
    expect(await place.job(job.id)).toMatchObject({ state: 'RUNNING' });
    later(10_000);
    await place.turn();
    const message = expect.stringContaining('did not boot within 300 s');
    expect(await place.job(job.id)).toMatchObject({ state: 'FAILED', message, deadlineAt: null });
    expect(await place.look(id)).toMatchObject({
      administrative: 'UNLOCKED',
      availability: 'FAILED',
      failure: message,
    });
    expect(await place.conditions(id)).toEqual(['200.004']);
    await place.beat(id, 'boot-2');
    await place.beat(id, 'boot-2');
    expect(await place.stateOf(id)).toBe('UNLOCKED AVAILABLE');
    expect(await place.conditions(id)).toEqual([]);
  });

  test('that its agent refuses leaves the host locked; by force the host goes into service as it runs', async () => {
    const place = await aRestartableRoom();
    const { id } = await place.host();
    await place.command(id, 'LOCK');
    await place.turn();
    const refuse = async (command: Command) => {
      const job = await place.command(id, command);
      const [task] = (await place.beat(id)).tasks;
      await place.room().lifecycle.service.answerTask({ id: task!.id, state: 'FAILED', message: 'it may not.' });
      await place.beat(id);
      return place.job(job.id);
    };
    expect(await refuse('UNLOCK')).toMatchObject({ state: 'FAILED', message: 'Its agent refused: it may not.' });
    expect(await place.stateOf(id)).toBe('LOCKED ONLINE');
    expect(await refuse('FORCE_UNLOCK')).toMatchObject({ state: 'SUCCEEDED' });
    expect(await place.stateOf(id)).toBe('UNLOCKED AVAILABLE');
  });
});

describe('a lock', () => {
  test('waits for workloads and says which stay; it is given up in time, and by force it does not wait', async () => {
    const evacuation = stuck(2);
    const place = await aRestartableRoom({ evacuation, times: { evacuationMs: 60_000 } });
    const { id } = await place.host();
    const waiting = await place.command(id, 'LOCK');
    await place.turn();
    expect((await place.job(waiting.id)).message).toContain('2 workloads are still there. payments-0 is the last');
    await place.restart();
    await place.turn();
    later(60_000);
    await place.turn();
    expect(await place.job(waiting.id)).toMatchObject({
      state: 'FAILED',
      message: expect.stringContaining('payments-0 is the last'),
    });
    expect(await place.stateOf(id)).toBe('UNLOCKED AVAILABLE');
    const forced = await place.command(id, 'FORCE_LOCK');
    expect(await place.stateOf(id)).toBe('LOCKED OFFLINE');
    await place.turn();
    expect(evacuation.forced).toEqual([id]);
    await place.beat(id, 'boot-2');
    expect(await place.job(forced.id)).toMatchObject({ action: 'FORCE_LOCK', state: 'SUCCEEDED' });
    expect(await place.stateOf(id)).toBe('LOCKED ONLINE');
  });

  test('of a full host names a few of those that stay, and counts the others', async () => {
    const blockedBy = Array.from({ length: 110 }, (_, i) => `pod-${i} has nowhere to go.`);
    const place = await aRestartableRoom({
      evacuation: { evacuate: async () => ({ done: false, remaining: 110, blockedBy }) },
    });
    const job = await place.command((await place.host()).id, 'LOCK');
    await place.turn();
    const { message } = await place.job(job.id);
    expect(message).toMatch(
      /^110 workloads are still there\. pod-0 has .* pod-4 has nowhere to go\. 105 more are held\.$/,
    );
  });

  test('by force takes the place of one that hangs', async () => {
    const place = await aRestartableRoom({ evacuation: stuck(1) });
    const { id } = await place.host();
    const hanging = await place.command(id, 'LOCK');
    expect((await place.room().lifecycle.service.command(id, 'LOCK')).userErrors).toMatchObject([
      { code: 'HOST_BUSY' },
    ]);
    await place.command(id, 'FORCE_LOCK');
    expect(await place.job(hanging.id)).toMatchObject({ state: 'FAILED', message: 'Given up for FORCE_LOCK.' });
    expect(await place.stateOf(id)).toBe('LOCKED OFFLINE');
  });
});

describe('power', () => {
  test('is switched off and on, and an order that a crash cut short is given again', async () => {
    const power = aPower();
    const place = await aRestartableRoom({ power });
    const { id } = await place.host();
    expect((await place.room().hosts.update(id, { bmc: BMC })).userErrors).toEqual([]);
    await place.command(id, 'LOCK');
    await place.turn();
    const off = await place.command(id, 'POWER_OFF');
    await place.restart();
    await place.turn(); // asked
    await place.turn(); // it is off
    expect(await place.job(off.id)).toMatchObject({ state: 'SUCCEEDED' });
    expect(await place.stateOf(id)).toBe('LOCKED POWER_OFF');
    const on = await place.command(id, 'POWER_ON');
    await place.turn();
    await place.turn();
    expect(await place.job(on.id)).toMatchObject({ state: 'RUNNING', step: 'POWERING_ON', calls: [] });
    expect(await place.stateOf(id)).toBe('LOCKED OFFLINE');
    await place.beat(id, 'boot-2');
    expect(await place.job(on.id)).toMatchObject({ state: 'SUCCEEDED' });
    expect(power.asked).toEqual(['off', 'on']);
  });

  test('installs anew from the network, and resets', async () => {
    const power = aPower();
    const place = await aRestartableRoom({ power });
    const { id } = await place.host();
    await place.room().hosts.update(id, { bmc: BMC });
    await place.command(id, 'LOCK');
    await place.turn();
    const job = await place.command(id, 'REINSTALL');
    await place.turn();
    await place.restart();
    await place.turn();
    await place.turn();
    expect(power.asked).toEqual(['boot from PXE', 'reset']);
    await place.beat(id, 'boot-2');
    expect(await place.job(job.id)).toMatchObject({ state: 'SUCCEEDED' });
  });

  test('that is busy is tried again; that refuses ends the job; without a BMC nothing is begun', async () => {
    const refusals: { refuse?: PowerError } = {
      refuse: new PowerError('RETRY', 'The BMC at 10.0.0.7 did not answer.'),
    };
    const place = await aRestartableRoom({ power: aPower(refusals) });
    const { id } = await place.host();
    await place.command(id, 'LOCK');
    await place.turn();
    const none = await place.room().lifecycle.service.command(id, 'RESET');
    expect(none.userErrors).toMatchObject([{ code: 'POWER_UNAVAILABLE', path: ['input', 'id'] }]);
    await place.room().hosts.update(id, { bmc: BMC });
    const job = await place.command(id, 'RESET');
    await place.turn();
    expect(await place.job(job.id)).toMatchObject({ state: 'RUNNING', message: 'The BMC at 10.0.0.7 did not answer.' });
    later(121_000);
    await place.turn();
    expect(await place.job(job.id)).toMatchObject({
      state: 'FAILED',
      message: 'Its BMC did not take the order within 120 s, and nothing was done: The BMC at 10.0.0.7 did not answer.',
    });
    refusals.refuse = new PowerError('REFUSED', 'The BMC refused the password.');
    const again = await place.command(id, 'RESET');
    await place.turn();
    expect(await place.job(again.id)).toMatchObject({ state: 'FAILED', message: 'The BMC refused the password.' });
    await place.beat(id);
    expect(await place.stateOf(id)).toBe('LOCKED ONLINE');
  });
});

test('an idempotencyKey gives a command once: a repeat gets the first answer, another input is refused', async () => {
  const place = await aRestartableRoom({ evacuation: stuck(1) });
  const [one, two] = [await place.host(), await place.host()];
  const key = randomUUID();
  const service = place.room().lifecycle.service;
  const answers = await Promise.all(Array.from({ length: 5 }, () => service.command(one.id, 'LOCK', key)));
  expect(new Set(answers.map(({ job }) => job?.id)).size).toBe(1);
  expect((await service.command(two.id, 'LOCK', key)).userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
  expect((await service.command(randomUUID(), 'LOCK')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test('a deleted host leaves its job behind and is told as removed; its agent makes a new host', async () => {
  const place = await aRestartableRoom({ power: noPower });
  const report = aHost({ bootId: 'boot-1' });
  const { id } = (await place.room().hosts.report(report)).host!;
  await place.command(id, 'LOCK');
  await place.turn();
  const job = await place.command(id, 'DELETE');
  expect(await place.job(job.id)).toMatchObject({ action: 'DELETE', state: 'SUCCEEDED' });
  const told = await place.room().outbox.read('0', 100);
  expect(told.at(-1)).toMatchObject({ kind: 'HOST_REMOVED', entityId: id, row: { id, hostname: report.hostname } });
  expect((await place.beat(id)).unknown).toEqual([id]);
  const again = (await place.room().hosts.report(report)).host!;
  expect(again.id).not.toBe(id);
});
