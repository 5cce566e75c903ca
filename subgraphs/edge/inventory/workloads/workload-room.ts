// Opens what a region needs for workloads: the drivers that its settings name, evacuations over them, and what GraphQL
// shows of them.
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Config } from '../../../../runtime/config.ts';
import type { Logger } from '../../../../runtime/log.ts';
import type { Outbox } from '../../../runtime/outbox.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { Evacuation } from '../lifecycle/evacuation.ts';
import { openEvacuations } from './evacuation-service.ts';
import { forgetCluster } from './kubernetes/cluster-rows.ts';
import { openKubernetesClient } from './kubernetes/kubernetes-client.ts';
import { type KubernetesDriver, openKubernetesDriver } from './kubernetes/kubernetes-driver.ts';
import { openSimulatedDriver } from './simulated/simulated-driver.ts';
import type { WorkloadDriver } from './workload-driver.ts';
import { workloadResolvers } from './workload-resolvers.ts';

export interface WorkloadRoom {
  readonly evacuation: Evacuation;
  readonly resolvers: Resolvers;
  close(): Promise<void>;
}

export interface WorkloadRoomDeps {
  readonly region: string;
  readonly config: Pick<Config, 'workloads' | 'kubernetes'>;
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly log: Logger;
  readonly everyMs?: number;
  now(): Date;
}

const EVERY_MS = 1_000;

export async function openWorkloads(deps: WorkloadRoomDeps): Promise<WorkloadRoom> {
  const { region, config, dataSource, log, everyMs = EVERY_MS, now } = deps;
  const { simulated: seeds, simulatedMoveMs: moveMs } = config.workloads;
  const cluster = await openCluster(deps, everyMs);
  const simulated = openSimulatedDriver({ region, dataSource, log, moveMs, seeds, everyMs, now });
  const drivers: readonly WorkloadDriver[] = cluster ? [simulated, cluster] : [simulated];
  const evacuations = await openEvacuations({ dataSource, drivers, everyMs, log, now });
  return {
    evacuation: evacuations,
    resolvers: workloadResolvers({ region, dataSource, cluster, now }),
    close: async () => {
      await evacuations.close();
      await Promise.all(drivers.map(driver => driver.close()));
    },
  };
}

/** Null when the region's settings name no cluster. */
async function openCluster(deps: WorkloadRoomDeps, everyMs: number): Promise<KubernetesDriver | null> {
  const { region, config } = deps;
  const settings = config.kubernetes[region];
  if (settings === undefined) {
    await forgetCluster(deps);
    return null;
  }
  const client = await openKubernetesClient(region, settings);
  const log = deps.log.child({ driver: 'kubernetes' });
  const { graceSeconds } = settings;
  const chance = { random: Math.random, newId: randomUUID };
  return openKubernetesDriver({ ...deps, ...chance, client, log, graceSeconds, everyMs, retryMs: everyMs });
}
