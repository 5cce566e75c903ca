// Holds the plan of an evacuation to its promises, by examples and over made-up regions that are carried out step by step.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isToLeave,
  type Move,
  type PlannedHost,
  type PlannedWorkload,
  planEvacuation,
  planPlacement,
  type Situation,
} from '../../../subgraphs/edge/inventory/workloads/evacuation-plan.ts';

const CAPACITY = { cpus: 16, memoryMiB: 65_536, hugePagesMiB: 8_192, gpus: 1 };
const GRACE = { force: false };
const FORCE = { force: true };

const aPlace = (id: string, overrides: Partial<PlannedHost> = {}): PlannedHost => ({
  id,
  name: id,
  capacity: CAPACITY,
  takes: true,
  runs: true,
  ...overrides,
});

const aWorkload = (name: string, overrides: Partial<PlannedWorkload> = {}): PlannedWorkload => ({
  id: name,
  name,
  kind: 'CONTAINER',
  state: 'RUNNING',
  hostId: 'a',
  targetId: null,
  migratable: true,
  stays: false,
  antiAffinityGroup: null,
  disruptionGroup: null,
  cpus: 1,
  memoryMiB: 1_024,
  hugePagesMiB: 0,
  gpus: 0,
  ...overrides,
});

const aRegion = (
  hosts: readonly PlannedHost[],
  workloads: readonly PlannedWorkload[],
  budgets: Record<string, number> = {},
): Situation => ({ hosts, workloads, budgets: new Map(Object.entries(budgets)) });

const TWO = [aPlace('a'), aPlace('b')];
const blockOf = (workload: Partial<PlannedWorkload>, others: readonly PlannedWorkload[] = [], hosts = TWO) =>
  planEvacuation(aRegion(hosts, [aWorkload('w-0', workload), ...others], { pay: 1 }), 'a', GRACE).blockedBy;

describe('a workload that cannot leave says why', () => {
  test.each<[string, string, () => readonly string[]]>([
    [
      'the last of its disruption group',
      'w-0 is the last available of its disruption group pay; 1 must stay.',
      () => blockOf({ disruptionGroup: 'pay' }),
    ],
    [
      'bound to its host',
      'w-0 cannot leave its host in good order: stop it, or use force.',
      () => blockOf({ migratable: false }),
    ],
    [
      'kept from the others by anti-affinity',
      'w-0 has nowhere to go: every other host in service has one of its anti-affinity group dns.',
      () => blockOf({ antiAffinityGroup: 'dns' }, [aWorkload('w-1', { hostId: 'b', antiAffinityGroup: 'dns' })]),
    ],
    [
      'without a host in service',
      'w-0 has nowhere to go: no other host for workloads is in service.',
      () => blockOf({}, [], [aPlace('a'), aPlace('b', { takes: false })]),
    ],
    [
      'too large',
      'w-0 has nowhere to go: no other host in service has 9000 MiB of huge pages free.',
      () => blockOf({ hugePagesMiB: 9_000 }),
    ],
    [
      'in need of a GPU that is taken',
      'w-0 has nowhere to go: no other host in service has a GPU free.',
      () => blockOf({ gpus: 1 }, [aWorkload('w-1', { hostId: 'b', gpus: 1 })]),
    ],
    [
      'in need of what two hosts have one half each of',
      'w-0 has nowhere to go: no other host in service has all that it needs free.',
      () =>
        blockOf(
          { gpus: 1, hugePagesMiB: 8_192 },
          [aWorkload('w-1', { hostId: 'b', gpus: 1 })],
          [...TWO, aPlace('c', { capacity: { ...CAPACITY, hugePagesMiB: 0 } })],
        ),
    ],
  ])('%s', (_, reason, blocks) => {
    expect(blocks()).toEqual([reason]);
  });
});

describe('a plan', () => {
  test('spends a budget only on what stops: a machine that migrates serves on', () => {
    const pair = (kind: PlannedWorkload['kind']) =>
      planEvacuation(
        aRegion(
          TWO,
          [0, 1].map(n => aWorkload(`w-${n}`, { kind, disruptionGroup: 'pay' })),
          { pay: 1 },
        ),
        'a',
        GRACE,
      );
    expect(pair('CONTAINER').moves.map(move => move.workloadId)).toEqual(['w-0']);
    expect(pair('VM').moves).toEqual([
      { workloadId: 'w-0', targetId: 'b', live: true },
      { workloadId: 'w-1', targetId: 'b', live: true },
    ]);
  });

  test('does not count as available what stands on a host that does not run', () => {
    const lost = aWorkload('w-1', { hostId: 'b', disruptionGroup: 'pay' });
    const hosts = [aPlace('a'), aPlace('b', { runs: false, takes: false }), aPlace('c')];
    expect(blockOf({ disruptionGroup: 'pay' }, [lost], hosts)).toHaveLength(1);
  });

  test('leaves what belongs to the host, and what does not run', () => {
    const workloads = [aWorkload('w-0', { stays: true }), aWorkload('w-1', { state: 'STOPPED' })];
    expect(planEvacuation(aRegion(TWO, workloads), 'a', FORCE)).toEqual({ moves: [], blockedBy: [], remaining: 0 });
  });

  test('does not begin again what is on its way', () => {
    const moving = aWorkload('w-0', { state: 'MIGRATING', targetId: 'b', kind: 'VM' });
    expect(planEvacuation(aRegion(TWO, [moving]), 'a', GRACE)).toEqual({ moves: [], blockedBy: [], remaining: 1 });
  });

  test('by force stops everything, and places what has a place', () => {
    const workloads = [
      aWorkload('w-0', { migratable: false, disruptionGroup: 'pay', cpus: 16 }),
      aWorkload('w-1', { cpus: 2, kind: 'VM' }),
    ];
    expect(planEvacuation(aRegion(TWO, workloads, { pay: 1 }), 'a', FORCE).moves).toEqual([
      { workloadId: 'w-0', targetId: 'b', live: false },
      { workloadId: 'w-1', targetId: null, live: false },
    ]);
  });

  test('of the only host that may run workloads stops them: there is nowhere to go', () => {
    const only = aRegion([aPlace('a')], [aWorkload('w-0', { disruptionGroup: 'pay' })], { pay: 1 });
    expect(planEvacuation(only, 'a', GRACE).moves).toEqual([{ workloadId: 'w-0', targetId: null, live: false }]);
  });

  test('spreads over the hosts with the most room, the same way every time', () => {
    const workloads = ['w-2', 'w-0', 'w-1'].map(name => aWorkload(name));
    const plan = planEvacuation(aRegion([...TWO, aPlace('c')], workloads), 'a', GRACE);
    expect(plan.moves.map(({ workloadId, targetId }) => `${workloadId} to ${targetId}`)).toEqual([
      'w-0 to b',
      'w-1 to c',
      'w-2 to b',
    ]);
  });
});

// ---- made-up regions, carried out

const HOSTS = ['a', 'b', 'c', 'd'];
const hostOf = fc.record({
  takes: fc.boolean(),
  cpus: fc.integer({ min: 0, max: 12 }),
  gpus: fc.integer({ min: 0, max: 2 }),
});
const workloadOf = fc.record({
  kind: fc.constantFrom('CONTAINER', 'VM') as fc.Arbitrary<PlannedWorkload['kind']>,
  state: fc.constantFrom('RUNNING', 'RUNNING', 'RUNNING', 'PENDING', 'STOPPED', 'FAILED') as fc.Arbitrary<
    PlannedWorkload['state']
  >,
  host: fc.constantFrom('a', 'a', 'b', 'c', 'd'),
  migratable: fc.boolean(),
  stays: fc.boolean(),
  antiAffinityGroup: fc.constantFrom(null, null, 'x', 'y'),
  disruptionGroup: fc.constantFrom(null, 'p', 'q'),
  cpus: fc.integer({ min: 0, max: 4 }),
  gpus: fc.constantFrom(0, 0, 1),
});
const regionOf = fc
  .record({
    hosts: fc.tuple(hostOf, hostOf, hostOf, hostOf),
    workloads: fc.array(workloadOf, { maxLength: 14 }),
    budgets: fc.record({ p: fc.integer({ min: 0, max: 4 }), q: fc.integer({ min: 0, max: 3 }) }),
  })
  .map(({ hosts, workloads, budgets }) =>
    aRegion(
      hosts.map((host, i) =>
        aPlace(HOSTS[i]!, {
          takes: host.takes && i > 0,
          capacity: { cpus: host.cpus, memoryMiB: 9_999_999, hugePagesMiB: 0, gpus: host.gpus },
        }),
      ),
      workloads.map(({ host, ...workload }, i) => aWorkload(`w-${i}`, { ...workload, hostId: host, memoryMiB: 1 })),
      budgets,
    ),
  );

const begun = (situation: Situation, moves: readonly Move[]): Situation => ({
  ...situation,
  workloads: situation.workloads.map(workload => {
    const move = moves.find(candidate => candidate.workloadId === workload.id);
    if (!move) return workload;
    return move.live
      ? { ...workload, state: 'MIGRATING', targetId: move.targetId }
      : { ...workload, state: 'PENDING', hostId: move.targetId };
  }),
});

const arrived = (situation: Situation): Situation => ({
  ...situation,
  workloads: situation.workloads.map(workload => {
    if (workload.state === 'MIGRATING')
      return { ...workload, state: 'RUNNING', hostId: workload.targetId, targetId: null };
    return workload.state === 'PENDING' && workload.hostId !== null ? { ...workload, state: 'RUNNING' } : workload;
  }),
});

const on = (situation: Situation, hostId: string): readonly PlannedWorkload[] =>
  situation.workloads.filter(
    w => (w.hostId === hostId || w.targetId === hostId) && ['RUNNING', 'MIGRATING', 'PENDING'].includes(w.state),
  );

const sharing = (situation: Situation, hostId: string): number => {
  const groups = on(situation, hostId).flatMap(w => w.antiAffinityGroup ?? []);
  return groups.length - new Set(groups).size;
};

const cpusOn = (situation: Situation, hostId: string): number =>
  on(situation, hostId).reduce((sum, w) => sum + w.cpus, 0);

const availableOf = (situation: Situation, group: string): number =>
  situation.workloads.filter(w => w.disruptionGroup === group && ['RUNNING', 'MIGRATING'].includes(w.state)).length;

const placesOf = ({ workloads }: Situation) => workloads.map(({ id, hostId, stays }) => ({ id, hostId, stays }));

/** No target is worse off than it was, or within what it has. */
function expectWithinBounds(before: Situation, after: Situation): void {
  for (const { id, capacity } of after.hosts) {
    expect(cpusOn(after, id)).toBeLessThanOrEqual(Math.max(capacity.cpus, cpusOn(before, id)));
    expect(sharing(after, id)).toBeLessThanOrEqual(sharing(before, id));
  }
}

describe('over any region', () => {
  test.each([GRACE, FORCE])('bounds hold at each step, and it ends (%o)', options => {
    fc.assert(
      fc.property(regionOf, region => {
        let now = region;
        for (let round = 0; ; round++) {
          expect(round).toBeLessThanOrEqual(region.workloads.length + 1);
          const plan = planEvacuation(now, 'a', options);
          expect(planEvacuation({ ...now, workloads: [...now.workloads].reverse() }, 'a', options)).toEqual(plan);
          const next = begun(now, plan.moves);
          expectWithinBounds(now, next);
          if (!options.force)
            for (const [group, least] of now.budgets)
              expect(availableOf(next, group)).toBeGreaterThanOrEqual(Math.min(least, availableOf(now, group)));
          if (plan.moves.length === 0) {
            expect(plan.blockedBy).toHaveLength(plan.remaining);
            break;
          }
          now = arrived(next);
        }
        const left = now.workloads.filter(workload => isToLeave(workload, 'a'));
        if (options.force) expect(left).toEqual([]);
        expect(placesOf(now).filter(({ stays }) => stays)).toEqual(placesOf(region).filter(({ stays }) => stays));
      }),
      { numRuns: 300 },
    );
  });

  test('what has no host is placed within bounds, and what is not placed has no place', () => {
    fc.assert(
      fc.property(regionOf, region => {
        const stopped = begun(
          region,
          planEvacuation(region, 'a', FORCE).moves.map(m => ({ ...m, targetId: null, live: false })),
        );
        const placed = begun(stopped, planPlacement(stopped));
        expectWithinBounds(stopped, placed);
        expect(planPlacement(placed)).toEqual([]);
        const targets = placed.hosts.filter(host => host.takes).map(host => host.id);
        for (const { workloadId, targetId } of planPlacement(stopped)) {
          expect(targets).toContain(targetId);
          expect(stopped.workloads.find(w => w.id === workloadId)?.hostId).toBeNull();
        }
      }),
      { numRuns: 200 },
    );
  });
});
