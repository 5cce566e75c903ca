// Three hosts on a real database go through any sequence of commands and reports, repeated, out of order, with restarts in
// between: their rows are what the machine says, step by step, and so are their jobs, their conditions and who is active.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findByIds } from '../../../subgraphs/edge/inventory/hosts/host-store.ts';
import { findAllOpenJobs } from '../../../subgraphs/edge/inventory/lifecycle/host-job-store.ts';
import { next } from '../../../subgraphs/edge/inventory/lifecycle/host-lifecycle.ts';
import { type HostPower, PowerError } from '../../../subgraphs/edge/inventory/lifecycle/host-power.ts';
import {
  COMMANDS,
  type Command,
  type HostEvent,
  type LifecycleState,
} from '../../../subgraphs/edge/inventory/lifecycle/host-state.ts';
import { lifecycleConditions } from '../../../subgraphs/edge/inventory/lifecycle/lifecycle-conditions.ts';
import type { PendingConfiguration } from '../../../subgraphs/edge/inventory/lifecycle/pending-configuration.ts';
import { stateOf, surroundingsOf } from '../../../subgraphs/edge/inventory/lifecycle/surroundings.ts';
import { rows } from '../../../subgraphs/runtime/sql.ts';
import { aHost } from '../../support/builders.ts';
import { nothingPending } from '../../support/idle-seams.ts';
import { leftovers } from '../../support/leftovers.ts';
import { uniquePrefix } from '../../support/settings.ts';
import { REPORTS } from '../../unit/inventory/lifecycle-situations.ts';
import { aHostRoom, type HostRoom } from './host-room.ts';

const left = leftovers();

/** It can be asked, and never gets round to it: only what the test reports changes anything. */
const busyPower = (): HostPower => {
  const busy = async (): Promise<never> => {
    throw new PowerError('RETRY', 'The BMC is busy.');
  };
  return { available: () => null, state: busy, on: busy, off: busy, reset: busy, bootOnce: busy };
};
const stuck = { evacuate: async () => ({ done: false, remaining: 1, blockedBy: [] }) };
/** Something waits for every unlock. */
const waiting: PendingConfiguration = {
  ...nothingPending,
  waiting: async (_, ids) => new Map(ids.map(id => [id, []])),
};
const clock = () => new Date('2026-11-22T10:00:00Z'); // stands: nothing times out by itself

const isCommand = (event: HostEvent): event is { readonly type: Command } => COMMANDS.some(type => type === event.type);

/** DELETE ends a host, and is tested by itself. */
const event = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...REPORTS) },
  { weight: 2, arbitrary: fc.constantFrom(...COMMANDS.filter(type => type !== 'DELETE').map(type => ({ type }))) },
);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ host: fc.nat(2), event, twice: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
);

test('whatever is asked and reported, what is stored is what the machine says', async () => {
  const database = uniquePrefix();
  const open = (): Promise<HostRoom> =>
    aHostRoom({ database, now: clock, power: busyPower(), evacuation: stuck, configuration: waiting });
  let room = await open();
  left.add(() => room.close());
  const seams = { power: busyPower(), configuration: waiting };

  /** What the machine makes of it, from what is stored; null when it refuses. */
  const expected = async (id: string, what: HostEvent): Promise<LifecycleState | null> => {
    const [host] = await findByIds(room.dataSource, [id]);
    const job = (await findAllOpenJobs(room.dataSource)).find(({ hostId }) => hostId === id) ?? null;
    const around = (await surroundingsOf(room.dataSource, [host!], seams)).get(id)!;
    const outcome = next(stateOf(host!, job), what, around);
    return outcome.refusal ? null : outcome.state;
  };
  const give = async (id: string, what: HostEvent): Promise<boolean> => {
    const { service } = room.lifecycle;
    if (isCommand(what)) return (await service.command(id, what.type)).userErrors.length === 0;
    await room.outbox.transaction(tx => service.report(tx, [id], what));
    return true;
  };
  const check = async (ids: readonly string[], id: string, state: LifecycleState | null): Promise<void> => {
    const hosts = await findByIds(room.dataSource, ids);
    const jobs = await findAllOpenJobs(room.dataSource);
    const host = hosts.find(found => found.id === id)!;
    if (state) expect(stateOf(host, jobs.find(({ hostId }) => hostId === id) ?? null)).toEqual(state);
    for (const { step: at, deadlineAt } of jobs) expect({ at, deadlineAt }).not.toContain(null); // every open job ends
    const conditions = await rows(
      room.dataSource,
      `select alarm_id as "alarmId", instance, severity, reason_text as "reasonText" from host_condition where host_id = $1`,
      [id],
    );
    expect(conditions).toEqual(lifecycleConditions(host));
    const controllers = hosts.filter(({ personality }) => personality === 'CONTROLLER');
    const active = controllers.filter(({ activeController }) => activeController);
    expect(active).toHaveLength(1);
    if (controllers.some(({ operational }) => operational === 'ENABLED'))
      expect(active[0]!.operational).toBe('ENABLED');
  };

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async steps => {
      await rows(room.dataSource, 'truncate host, host_job cascade');
      const reports = [aHost(), aHost({ personality: 'CONTROLLER' }), aHost({ personality: 'CONTROLLER' })];
      const ids: string[] = [];
      for (const report of reports) ids.push((await room.hosts.report(report)).host!.id);
      for (const what of steps) {
        if (what === 'restart') {
          await room.close();
          room = await open();
          continue;
        }
        const id = ids[what.host]!;
        for (let times = what.twice ? 2 : 1; times > 0; times--) {
          const state = await expected(id, what.event);
          expect(await give(id, what.event)).toBe(state !== null);
          await check(ids, id, state);
        }
      }
    }),
    { numRuns: 12 },
  );
}, 120_000); // random sequences are of random length
