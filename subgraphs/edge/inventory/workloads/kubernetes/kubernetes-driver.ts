// Brings a cluster's nodes and pods into the region's hosts and workloads, and empties its nodes. At each look it compares
// what is with what should be, so that neither a lost event nor a crash leaves a cordon, a row or a condition behind.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../../runtime/log.ts';
import type { Outbox } from '../../../../runtime/outbox.ts';
import { repeating } from '../../../../runtime/repeating.ts';
import type { WorkloadDriver } from '../workload-driver.ts';
import type { WorkloadHost } from '../workload-hosts.ts';
import { findHosts } from '../workload-store.ts';
import { clusterRows } from './cluster-rows.ts';
import { type CordonStep, cordonPatch, cordonStep, isCordoned, isTakenOut } from './cordon.ts';
import { type DrainMode, drain } from './drain.ts';
import type { KubernetesClient } from './kubernetes-client.ts';
import type { NodeObject, PodObject } from './kubernetes-objects.ts';
import { reasonOf, statusOf } from './kubernetes-refusal.ts';
import { nodeDiscovery } from './node-discovery.ts';
import { matchNodes } from './node-host.ts';
import { type ClusterView, type NodeView, nodeView } from './node-view.ts';
import { staysOnNode } from './pod-workload.ts';
import { openReflector } from './reflector.ts';

export interface KubernetesDriverDeps {
  readonly region: string;
  readonly client: KubernetesClient;
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly log: Logger;
  readonly graceSeconds: number | undefined;
  /** How often it compares. */
  readonly everyMs: number;
  readonly retryMs: number;
  readonly random: () => number;
  newId(): string;
}

export interface KubernetesDriver extends WorkloadDriver {
  /** The node that a host is, as of the last look. */
  nodeOf(hostId: string): NodeView | null;
  /** As of the last look. */
  view(): ClusterView;
}

const CONFLICT = 409;

export function openKubernetesDriver(deps: KubernetesDriverDeps): KubernetesDriver {
  const { region, client, dataSource, log, everyMs } = deps;
  const nodes = openReflector({ ...deps, kind: 'nodes' });
  const pods = openReflector({ ...deps, kind: 'pods' });
  const budgets = openReflector({ ...deps, kind: 'budgets' });
  const rows = clusterRows(deps);
  const discover = nodeDiscovery(deps);
  let seen: readonly NodeView[] | null = null;

  const cordon = async (node: NodeObject, step: CordonStep): Promise<void> => {
    await client.patchNode(node.metadata.name, cordonPatch(node, step, region));
    log.info({ node: node.metadata.name }, step === 'CORDON' ? 'node cordoned' : 'node uncordoned');
  };

  /** One that fails, or comes too early for what the watch knows of the node, is decided anew at the next look. */
  const tryCordon = async (node: NodeObject, host: WorkloadHost): Promise<void> => {
    const step = cordonStep(node, host);
    if (step === null) return;
    await cordon(node, step).catch(error => {
      if (statusOf(error) !== CONFLICT) log.warn({ err: error, node: node.metadata.name, step }, 'cordon not changed');
    });
  };

  /** A locked host runs nothing: what a forced lock could not end, because the API was away, ends now. */
  const clear = async (node: NodeObject, known: ReadonlyMap<string, PodObject>): Promise<void> => {
    const { name } = node.metadata;
    if (![...known.values()].some(pod => pod.spec.nodeName === name && !staysOnNode(pod))) return;
    const { blockedBy } = await drain(client, name, { mode: 'FORCE', graceSeconds: 0 });
    if (blockedBy.length > 0) log.warn({ node: name, blockedBy }, 'a locked host still runs pods');
  };

  const look = async (): Promise<void> => {
    if (!nodes.objects || !pods.objects || !budgets.objects) return;
    const hosts = await findHosts(dataSource);
    const allNodes = [...nodes.objects.values()].sort((x, y) => (x.metadata.name < y.metadata.name ? -1 : 1));
    const hostOf = matchNodes(allNodes, hosts);
    seen = allNodes.map(node => nodeView(node, hostOf.get(node.metadata.name) ?? null));
    const version = `${nodes.version} ${pods.version} ${budgets.version}`;
    await rows.save({
      version,
      hosts,
      hostOf,
      nodes: allNodes,
      pods: pods.objects,
      budgets: [...budgets.objects.values()],
      budgetVersion: budgets.version,
    });
    const byId = new Map(hosts.map(host => [host.id, host]));
    for (const node of allNodes) {
      const host = byId.get(hostOf.get(node.metadata.name) ?? '');
      if (!host) continue;
      await tryCordon(node, host);
      if (isTakenOut(host) && isCordoned(node)) await clear(node, pods.objects);
    }
    await discover(
      allNodes.filter(node => !hostOf.has(node.metadata.name)),
      hosts,
    );
  };
  const looks = repeating({ everyMs, log, failed: 'cluster and region not compared', work: look });

  /** Cordoned first: what is evicted must not come back. */
  const empty = async (node: NodeObject, mode: DrainMode) => {
    if (!isCordoned(node)) await cordon(node, 'CORDON');
    return drain(client, node.metadata.name, { mode, graceSeconds: deps.graceSeconds });
  };

  return {
    source: 'KUBERNETES',
    evacuate: async (hostId, { force }) => {
      const [hosts, known] = [await findHosts(dataSource), [...(nodes.objects?.values() ?? [])]];
      const hostOf = matchNodes(known, hosts);
      const node = known.find(({ metadata }) => hostOf.get(metadata.name) === hostId);
      if (node === undefined && nodes.objects !== null) return { remaining: 0, blockedBy: [] };
      try {
        if (node === undefined) throw new Error(nodes.trouble ?? 'it has not been read yet');
        // on the only node no budget can be kept: what is evicted has nowhere to go
        return await empty(node, force ? 'FORCE' : known.length === 1 ? 'DELETE' : 'EVICT');
      } catch (error) {
        if (statusOf(error) === CONFLICT) return { remaining: 1, blockedBy: [] }; // the node has changed: again
        return { remaining: 1, blockedBy: [`Region ${region}'s Kubernetes API cannot be used: ${reasonOf(error)}`] };
      }
    },
    nodeOf: hostId => seen?.find(node => node.hostId === hostId) ?? null,
    view: () => ({ trouble: nodes.trouble ?? pods.trouble ?? budgets.trouble, nodes: seen }),
    look: () => void looks.turn(),
    close: async () => {
      for (const reflector of [nodes, pods, budgets]) reflector.close();
      await looks.stop();
    },
  };
}
