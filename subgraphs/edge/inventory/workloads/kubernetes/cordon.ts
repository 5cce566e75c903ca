// When a node is cordoned and uncordoned. Pure, and decided anew at each look from what is: no command can get lost, and a
// cordon of somebody else is never lifted.
import type { HostRow } from '../../hosts/host.ts';
import type { NodeObject } from './kubernetes-objects.ts';

/** On nodes that this region's host management has cordoned; its value is the region. */
export const CORDON_ANNOTATION = 'murmuration.io/cordoned-by';

export type CordonStep = 'CORDON' | 'UNCORDON';

export interface CordonedHost extends Pick<HostRow, 'administrative' | 'operational'> {
  readonly evacuating: boolean;
}

export const isOurs = ({ metadata }: NodeObject): boolean => CORDON_ANNOTATION in metadata.annotations;
export const isCordoned = ({ spec }: NodeObject): boolean => spec?.unschedulable === true;

/** A host takes pods while it is unlocked and nobody empties it; after an unlock not before it is enabled. */
export function cordonStep(node: NodeObject, host: CordonedHost): CordonStep | null {
  if (host.administrative === 'LOCKED' || host.evacuating) return isCordoned(node) ? null : 'CORDON';
  return isOurs(node) && host.operational === 'ENABLED' ? 'UNCORDON' : null;
}

export const cordonPatch = (node: NodeObject, step: CordonStep, region: string): object => ({
  metadata: {
    annotations: { [CORDON_ANNOTATION]: step === 'CORDON' ? region : null },
    resourceVersion: node.metadata.resourceVersion, // refused when somebody else changed the node meanwhile
  },
  spec: { unschedulable: step === 'CORDON' ? true : null },
});
