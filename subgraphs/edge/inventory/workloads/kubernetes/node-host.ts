// Which host each node of a cluster is. Pure.
import type { WorkloadHost } from '../workload-hosts.ts';
import type { NodeObject } from './kubernetes-objects.ts';

/** Says which host a node is where neither its name nor its addresses do. */
export const MAC_ANNOTATION = 'murmuration.io/management-mac';

type Matched = Pick<WorkloadHost, 'id' | 'hostname' | 'managementMac' | 'managementIp' | 'ports'>;

/** Host id by node name: by the host's name, else by an address, else by the annotation. A host is one node at most. */
export function matchNodes(nodes: readonly NodeObject[], hosts: readonly Matched[]): ReadonlyMap<string, string> {
  const matched = new Map<string, string>();
  const taken = new Set<string>();
  const byName = [...nodes].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const isSame of [sameName, sameAddress, sameMac])
    for (const node of byName) {
      if (matched.has(node.metadata.name)) continue;
      const host = hosts.find(candidate => !taken.has(candidate.id) && isSame(node, candidate));
      if (!host) continue;
      matched.set(node.metadata.name, host.id);
      taken.add(host.id);
    }
  return matched;
}

function sameName({ metadata, status }: NodeObject, { hostname }: Matched): boolean {
  const names = [metadata.name, ...(status?.addresses ?? []).filter(a => a.type === 'Hostname').map(a => a.address)];
  return hostname !== null && names.some(name => name.toLowerCase() === hostname.toLowerCase());
}

const sameAddress = ({ status }: NodeObject, { managementIp }: Matched): boolean =>
  managementIp !== null &&
  (status?.addresses ?? []).some(({ type, address }) => type === 'InternalIP' && address === managementIp);

export function sameMac({ metadata }: NodeObject, { managementMac, ports }: Matched): boolean {
  const mac = metadata.annotations[MAC_ANNOTATION]?.toLowerCase();
  return (
    mac !== undefined && [managementMac, ...(ports ?? []).map(port => port.mac)].some(m => m?.toLowerCase() === mac)
  );
}
