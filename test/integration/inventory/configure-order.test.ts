// An unlock with something pending: its order to the agent comes before the boot, survives what may die, and what the host
// could not take stays pending. Agents here are the test itself; agent-configures.test.ts has a real one.

import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { findConditions } from '../../../subgraphs/edge/inventory/conditions/condition-store.ts';
import { findByIds } from '../../../subgraphs/edge/inventory/hosts/host-store.ts';
import { findJob } from '../../../subgraphs/edge/inventory/lifecycle/host-job-store.ts';
import type { Command } from '../../../subgraphs/edge/inventory/lifecycle/host-state.ts';
import type { TaskAnswer } from '../../../subgraphs/edge/inventory/lifecycle/lifecycle-service.ts';
import type { PendingConfiguration } from '../../../subgraphs/edge/inventory/lifecycle/pending-configuration.ts';
import { configurationService } from '../../../subgraphs/edge/inventory/profiles/configuration-service.ts';
import { findConfigurations } from '../../../subgraphs/edge/inventory/profiles/configuration-store.ts';
import { profileService } from '../../../subgraphs/edge/inventory/profiles/profile-service.ts';
import { aHost } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { aMachine } from '../../support/machines.ts';
import { uniquePrefix } from '../../support/settings.ts';
import { aHostRoom } from './host-room.ts';
import { taking } from './profile-room.ts';

const left = leftovers();
let clock = Date.parse('2026-11-22T10:00:00Z');
let made = 0;

const MEMORY = {
  memory: [{ node: 1, platformReservedMiB: 4_096, hugePages2M: 0, hugePages1G: 32 }],
  cpu: [{ node: 1, platform: 1, shared: 0, isolated: 2, application: null }],
};

/** A locked host for which something waits, in a region that can be killed and started again. */
async function aWaitingHost(configuration: object = MEMORY) {
  const database = uniquePrefix();
  const open = async () => {
    // the configuration needs the room's outbox, and the room the configuration
    let real!: ReturnType<typeof configurationService>;
    const seam: PendingConfiguration = {
      waiting: (...args) => real.waiting(...args),
      tried: (...args) => real.tried(...args),
      settle: (...args) => real.settle(...args),
    };
    const room = await aHostRoom({ database, now: () => new Date(clock), configuration: seam });
    real = configurationService({ outbox: room.outbox });
    return { ...room, configurations: real };
  };
  let room = await open();
  left.add(() => room.close());
  const n = (++made).toString(16).padStart(2, '0');
  const macs = [`02:cc:00:00:${n}:00`, `02:cc:00:00:${n}:01`, `02:cc:00:00:${n}:02`] as const;
  const report = { ...aHost({ identity: macs[0], managementMac: macs[0] }), ...aMachine(macs), bootId: 'boot-1' };
  const { id } = (await room.hosts.report(report)).host!;
  const command = async (what: Command) => {
    const { job, userErrors } = await room.lifecycle.service.command(id, what);
    expect(userErrors).toEqual([]);
    return job!;
  };
  await command('LOCK');
  await room.lifecycle.runner.turn();
  const { profile } = await profileService({ outbox: room.outbox, newId: randomUUID }).create({
    name: `profile ${made}`,
    configuration,
  });
  const apply = () => room.configurations.applyProfile({ id, profile: profile!.id, dryRun: false });
  expect((await apply()).userErrors).toEqual([]);
  const beat = async (bootId = 'boot-1') =>
    (await room.hosts.heartbeats([{ id, uptimeSeconds: 1, bootId }], null)).tasks;
  return {
    id,
    command,
    beat,
    report: (more: object) => room.hosts.report({ ...report, ...more }),
    /** As the machine is once it has taken all of it. */
    taken: () => ({ ...taking(report, configuration), bootId: 'boot-2' }),
    answer: (answer: TaskAnswer) => room.lifecycle.service.answerTask(answer),
    later: (ms: number) => {
      clock += ms;
    },
    turn: () => room.lifecycle.runner.turn(),
    restart: async () => {
      await room.close();
      room = await open();
    },
    job: async (jobId: string) => (await findJob(room.dataSource, jobId))!,
    host: async () => (await findByIds(room.dataSource, [id]))[0]!,
    configuration: async () => (await findConfigurations(room.dataSource, [id]))[0]!,
    outOfDate: async () =>
      (await findConditions(room.dataSource, [id])).find(({ alarmId }) => alarmId === '250.001')?.reasonText ?? null,
  };
}

const kindsOf = (tasks: readonly { readonly kind: string }[]): string[] => tasks.map(({ kind }) => kind);

describe('the order to configure', () => {
  test('comes first, again until it is answered, over restarts of the region; the boot follows, and all is in effect', async () => {
    const place = await aWaitingHost();
    const job = await place.command('UNLOCK');
    expect(job.message).toBe('Its agent carries out its configuration; then it boots.');
    const [task, ...more] = await place.beat();
    expect([task?.kind, more]).toEqual(['APPLY_CONFIGURATION', []]);
    await place.restart();
    await place.answer({ id: task!.id, state: 'ACCEPTED' });
    expect(await place.beat()).toMatchObject([{ id: task!.id, state: 'ACCEPTED' }]); // its agent may have died over it
    await place.restart();
    await place.answer({ id: task!.id, state: 'DONE', parts: [{ part: 'memory[1]' }] });
    await place.answer({ id: task!.id, state: 'DONE' }); // it had not heard that it was heard
    const [boot, ...none] = await place.beat();
    expect([boot?.kind, none]).toEqual(['REBOOT', []]);
    await place.restart();
    await place.answer({ id: boot!.id, state: 'ACCEPTED' });
    expect(await place.beat()).toEqual([]);
    expect(await place.configuration()).toMatchObject({ pending: MEMORY, applied: null });
    await place.report(place.taken());
    expect(await place.configuration()).toMatchObject({ pending: null, applied: MEMORY, failures: [] });
    expect(await place.outOfDate()).toBeNull();
    await place.report(place.taken());
    expect(await place.host()).toMatchObject({ administrative: 'UNLOCKED', availability: 'AVAILABLE' });
    expect(await place.job(job.id)).toMatchObject({ state: 'SUCCEEDED' });
  });

  test('gives the boot its whole time, from when that was ordered', async () => {
    const place = await aWaitingHost();
    const job = await place.command('UNLOCK');
    const [task] = await place.beat();
    await place.answer({ id: task!.id, state: 'ACCEPTED' });
    place.later(170_000);
    await place.turn();
    await place.answer({ id: task!.id, state: 'DONE' });
    const { deadlineAt } = await place.job(job.id);
    expect(Date.parse(deadlineAt!) - clock).toBe(720_000);
    place.later(59_000); // of this order, not of the one before
    await place.turn();
    expect(kindsOf(await place.beat())).toEqual(['REBOOT']);
  });

  test('what the agent could not do stays pending, with its words; the rest is in effect', async () => {
    const place = await aWaitingHost();
    const job = await place.command('UNLOCK');
    const [task] = await place.beat();
    const refusal = 'The kernel took 20, not 32.';
    await place.answer({ id: task!.id, state: 'DONE', parts: [{ part: 'cpu[1]' }, { part: 'memory[1]', refusal }] });
    expect((await place.job(job.id)).message).toContain(`Not done: memory[1]: ${refusal}`);
    await place.report({ bootId: 'boot-2' });
    const failures = [{ part: 'memory[1]', message: refusal }];
    const { pending, applied, ...kept } = await place.configuration();
    expect({ pending, applied, failures: kept.failures }).toEqual({
      pending: expect.objectContaining(MEMORY),
      applied: expect.objectContaining({ cpu: MEMORY.cpu, memory: [] }),
      failures,
    });
    expect(await place.outOfDate()).toContain(`memory[1]: ${refusal}`);
    await place.report({ bootId: 'boot-2' });
    expect(await place.host()).toMatchObject({ availability: 'AVAILABLE' });

    await place.command('LOCK'); // the next unlock tries it again
    await place.turn();
    await place.command('UNLOCK');
    const [again] = await place.beat('boot-2');
    expect(again?.kind).toBe('APPLY_CONFIGURATION');
    await place.answer({ id: again!.id, state: 'DONE' });
    await place.report({ ...place.taken(), bootId: 'boot-3' });
    expect(await place.configuration()).toMatchObject({ pending: null, applied: MEMORY, failures: [] });
    expect(await place.outOfDate()).toBeNull();
  });

  test('what the hardware shows to be otherwise stays pending too, whatever the agent said', async () => {
    const place = await aWaitingHost();
    await place.command('UNLOCK');
    const [task] = await place.beat();
    await place.answer({ id: task!.id, state: 'DONE' });
    await place.report({ bootId: 'boot-2' });
    expect((await place.configuration()).failures).toEqual([
      { part: 'memory[1]', message: 'It has 16 huge pages of 2048 KiB, not 0.' },
    ]);
    expect(await place.outOfDate()).toContain('memory[1]');
  });

  test.each<[string, (place: Awaited<ReturnType<typeof aWaitingHost>>, id: string) => Promise<void>, string]>([
    [
      'that its agent declines',
      (place, id) => place.answer({ id, state: 'FAILED', message: 'it may not act on its machine.' }),
      'Its agent refused: it may not act on its machine.',
    ],
    [
      'that nobody takes',
      async place => {
        place.later(61_000);
        await place.restart();
        await place.turn(); // who was away listens before it gives up
        place.later(11_000);
        await place.turn();
      },
      'Its agent took no order within 60 s',
    ],
    [
      'that is not finished in time',
      async (place, id) => {
        await place.answer({ id, state: 'ACCEPTED' });
        place.later(181_000);
        await place.turn();
      },
      'did not finish its configuration within 180 s',
    ],
  ])('%s is followed by the boot all the same', async (_, end, words) => {
    const place = await aWaitingHost();
    const job = await place.command('UNLOCK');
    const [task] = await place.beat();
    place.later(11_000); // the region has listened
    await end(place, task!.id);
    expect(kindsOf(await place.beat())).toEqual(['REBOOT']);
    expect(await place.job(job.id)).toMatchObject({ state: 'RUNNING', message: expect.stringContaining(words) });
    await place.report(place.taken());
    expect(await place.configuration()).toMatchObject({ pending: null, applied: MEMORY });
  });

  test('is gone with a job that is given up, and a host that boots by itself needs no other', async () => {
    const place = await aWaitingHost();
    const job = await place.command('UNLOCK');
    await place.command('FORCE_LOCK');
    expect(await place.job(job.id)).toMatchObject({ state: 'FAILED' });
    expect(kindsOf(await place.beat())).toEqual([]);
    await place.command('UNLOCK');
    expect(kindsOf(await place.beat())).toEqual(['APPLY_CONFIGURATION']);
    await place.report(place.taken());
    expect(await place.beat()).toEqual([]);
    expect(await place.configuration()).toMatchObject({ pending: null });
  });
});
