// Writes what a cluster says into the region's tables: pods as workloads, disruption budgets, and what is wrong with nodes
// as conditions of their hosts. Writes only what has changed since it last did.
import type { DataSource } from 'typeorm';
import type { Outbox } from '../../../../runtime/outbox.ts';
import { transaction } from '../../../../runtime/transaction.ts';
import { setConditionsOf } from '../../conditions/set-conditions.ts';
import type { WorkloadHost } from '../workload-hosts.ts';
import { findHosts, findIdsOf, removeWorkloads, replaceBudgets, saveWorkloads } from '../workload-store.ts';
import type { BudgetObject, NodeObject, PodObject } from './kubernetes-objects.ts';
import { conditionsOf } from './node-conditions.ts';
import { nameOf, workloadOf } from './pod-workload.ts';

export interface ClusterSight {
  /** Changes when anything of the cluster has. */
  readonly version: string;
  readonly hosts: readonly WorkloadHost[];
  /** Host id by node name. */
  readonly hostOf: ReadonlyMap<string, string>;
  readonly nodes: readonly NodeObject[];
  readonly pods: ReadonlyMap<string, PodObject>;
  readonly budgets: readonly BudgetObject[];
}

export interface ClusterRows {
  save(sight: ClusterSight): Promise<void>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface ClusterTables {
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
}

export function clusterRows({ dataSource, outbox }: ClusterTables): ClusterRows {
  let saved: { readonly key: string; readonly lines: ReadonlyMap<string, string> } | undefined;
  let told: string | undefined;

  const saveWorkloadRows = async ({ version, hostOf, pods, budgets }: ClusterSight): Promise<void> => {
    const key = `${version} ${JSON.stringify([...hostOf])}`;
    if (saved?.key === key) return;
    const wanted = [...pods.values()]
      .filter(pod => UUID.test(pod.metadata.uid))
      .map(pod => workloadOf(pod, hostOf.get(pod.spec.nodeName ?? '') ?? null, budgets));
    const lines = new Map(wanted.map(row => [row.id, JSON.stringify(row)]));
    const before = saved?.lines;
    await transaction(dataSource, async sql => {
      const known = before ? [...before.keys()] : await findIdsOf(sql, 'KUBERNETES');
      const changed = wanted.filter(row => before?.get(row.id) !== lines.get(row.id));
      const gone = known.filter(id => !lines.has(id));
      await saveWorkloads(sql, changed);
      if (gone.length > 0) await removeWorkloads(sql, 'KUBERNETES', gone);
      await replaceBudgets(sql, 'KUBERNETES', leastOf(budgets));
    });
    saved = { key, lines };
  };

  const tellConditions = async ({ hosts, hostOf, nodes }: ClusterSight): Promise<void> => {
    const nodeOf = new Map(nodes.map(node => [hostOf.get(node.metadata.name), node]));
    const byHost = new Map(hosts.map(host => [host.id, conditionsOf(nodeOf.get(host.id), host)]));
    const now = JSON.stringify([...byHost]);
    if (told === now) return;
    await outbox.transaction(tx => setConditionsOf(tx, 'workload', byHost));
    told = now;
  };

  return {
    save: async sight => {
      await saveWorkloadRows(sight);
      await tellConditions(sight);
    },
  };
}

const leastOf = (budgets: readonly BudgetObject[]): ReadonlyMap<string, number> =>
  new Map(budgets.map(budget => [nameOf(budget), budget.status?.desiredHealthy ?? 0]));

/** The region no longer has a cluster: what came from one would never change again. */
export async function forgetCluster({ dataSource, outbox }: ClusterTables): Promise<void> {
  const [hosts, workloads] = await Promise.all([findHosts(dataSource), findIdsOf(dataSource, 'KUBERNETES')]);
  await removeWorkloads(dataSource, 'KUBERNETES', workloads);
  await replaceBudgets(dataSource, 'KUBERNETES', new Map());
  if (hosts.length > 0)
    await outbox.transaction(tx => setConditionsOf(tx, 'workload', new Map(hosts.map(host => [host.id, []]))));
}
