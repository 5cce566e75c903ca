// What becomes of nodes that no host is. One that says its management MAC makes a host, as a machine that boots does; the
// others are told, and wait for an agent or an operator.
import type { Logger } from '../../../../../runtime/log.ts';
import type { Outbox } from '../../../../runtime/outbox.ts';
import { ReportBootChecks } from '../../hosts/host-input.ts';
import { noteMachine } from '../../hosts/host-service.ts';
import type { WorkloadHost } from '../workload-hosts.ts';
import type { NodeObject } from './kubernetes-objects.ts';
import { MAC_ANNOTATION, sameMac } from './node-host.ts';

export interface NodeDiscoveryDeps {
  readonly outbox: Outbox;
  readonly log: Logger;
  newId(): string;
}

/** To be called at each look with the nodes that no host is. */
export type NodeDiscovery = (nodes: readonly NodeObject[], hosts: readonly WorkloadHost[]) => Promise<void>;

export function nodeDiscovery({ outbox, log, newId }: NodeDiscoveryDeps): NodeDiscovery {
  let told = '';
  return async (nodes, hosts) => {
    const names = nodes.map(node => node.metadata.name).sort();
    if (names.length > 0 && told !== names.join(' '))
      log.warn({ nodes: names }, 'nodes that are no host of the region');
    told = names.join(' ');
    for (const node of nodes) {
      const mac = node.metadata.annotations[MAC_ANNOTATION];
      // a host may have it all the same: that of another node
      if (!ReportBootChecks.safeParse({ macs: [mac] }).success || hosts.some(host => sameMac(node, host))) continue;
      const { id } = await outbox.transaction(tx => noteMachine(tx, [mac!], newId()));
      log.info({ node: node.metadata.name, host: id }, 'a node makes a host');
    }
  };
}
