// Plays the workloads of simulated hosts. All that it knows is in the region's database, so a region that was killed in
// the middle of a move goes on with it.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../../runtime/log.ts';
import { repeating } from '../../../../runtime/repeating.ts';
import type { Sql } from '../../../../runtime/sql.ts';
import { transaction } from '../../../../runtime/transaction.ts';
import { type Move, planEvacuation, planPlacement, type Situation } from '../evacuation-plan.ts';
import type { WorkloadRow } from '../workload.ts';
import type { WorkloadDriver } from '../workload-driver.ts';
import { hostsForWorkloads, situationOf } from '../workload-hosts.ts';
import * as store from '../workload-store.ts';
import { SEEDED_BUDGETS, seededWorkloads } from './seeded-workloads.ts';
import { begun, ended } from './simulated-moves.ts';

export interface SimulatedDriverDeps {
  readonly region: string;
  readonly dataSource: DataSource;
  readonly log: Logger;
  /** How long a move takes. */
  readonly moveMs: number;
  /** Whether simulated hosts come with workloads. */
  readonly seeds: boolean;
  /** How often it looks for what is due. */
  readonly everyMs: number;
  now(): Date;
}

interface Scene {
  readonly sql: Sql;
  readonly at: string;
  readonly hosts: Awaited<ReturnType<typeof store.findHosts>>;
  readonly workloads: readonly WorkloadRow[];
  readonly situation: Situation;
}

export function openSimulatedDriver(deps: SimulatedDriverDeps): WorkloadDriver {
  const { dataSource, log, now } = deps;
  const onScene = <T>(work: (scene: Scene) => Promise<T>): Promise<T> =>
    transaction(dataSource, async sql => {
      await store.lockPlans(sql);
      const [hosts, workloads, budgets] = await Promise.all([
        store.findHosts(sql),
        store.findAllWorkloads(sql),
        store.findAllBudgets(sql),
      ]);
      const situation = situationOf(hosts, workloads.map(fixed), budgets);
      return work({ sql, at: now().toISOString(), hosts, workloads, situation });
    });
  const begin = ({ sql, at, workloads }: Scene, moves: readonly Move[]): Promise<void> => {
    const readyAt = new Date(now().getTime() + deps.moveMs).toISOString();
    const byId = new Map(workloads.map(workload => [workload.id, workload]));
    return store.saveWorkloads(
      sql,
      moves.map(move => begun(byId.get(move.workloadId)!, move, at, readyAt)),
    );
  };
  const turn = async (): Promise<void> => {
    const due = await store.findDueWork(dataSource, now().toISOString());
    if (due.moves) {
      await onScene(arrive);
      await onScene(scene => begin(scene, planPlacement(scene.situation)));
    }
    if (due.unseeded && deps.seeds) await onScene(scene => seed(deps.region, scene));
  };
  const turns = repeating({ everyMs: deps.everyMs, log, failed: 'simulated workloads stand still', work: turn });
  return {
    source: 'SIMULATED',
    evacuate: (hostId, options) =>
      onScene(async scene => {
        const { moves, blockedBy, remaining } = planEvacuation(scene.situation, hostId, options);
        await begin(scene, moves);
        const gone = moves.filter(move => !move.live).length; // those are off the host at once
        return { remaining: remaining - gone, blockedBy };
      }),
    look: () => void turns.turn(),
    close: turns.stop,
  };
}

/** Workloads of other sources fill hosts too, but are not for this driver to move. */
const fixed = (workload: WorkloadRow): WorkloadRow =>
  workload.source === 'SIMULATED' ? workload : { ...workload, stays: true };

async function seed(region: string, { sql, at, hosts }: Scene): Promise<void> {
  const unseeded = new Set((await store.takeUnseeded(sql)).map(({ hostId }) => hostId));
  const given = hostsForWorkloads(hosts)
    .filter(host => unseeded.has(host.id) && host.hostname !== null)
    .flatMap(host => seededWorkloads(region, { id: host.id, hostname: host.hostname! }, at));
  await store.addWorkloads(sql, given); // one that lives on elsewhere stays as it is
  await store.replaceBudgets(sql, 'SIMULATED', SEEDED_BUDGETS);
}

async function arrive({ sql, at, workloads, situation }: Scene): Promise<void> {
  const hosts = new Map(situation.hosts.map(host => [host.id, host]));
  const own = workloads.filter(({ source }) => source === 'SIMULATED');
  const arriving = own.filter(({ readyAt }) => readyAt !== null && readyAt <= at);
  const homeless = own.filter(({ hostId, state }) => hostId === null && state === 'RUNNING'); // their host was deleted
  const [gone, stranded] = [homeless.filter(({ stays }) => stays), homeless.filter(({ stays }) => !stays)];
  await store.removeWorkloads(
    sql,
    'SIMULATED',
    gone.map(({ id }) => id),
  );
  await store.saveWorkloads(
    sql,
    [...arriving, ...stranded].map(workload => ended(workload, hosts, at)),
  );
}
