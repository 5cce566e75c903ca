// What is shown of a node beside its host. Pure.
import { isCordoned, isOurs } from './cordon.ts';
import type { NodeObject } from './kubernetes-objects.ts';

/** `KubernetesNode` of the SDL. */
export interface NodeView {
  /** Local id of the host that it is. */
  readonly hostId: string | null;
  readonly name: string;
  readonly ready: boolean;
  readonly schedulable: boolean;
  readonly cordonedByHostManagement: boolean;
  readonly kubeletVersion: string | null;
}

export const nodeView = (node: NodeObject, hostId: string | null): NodeView => ({
  hostId,
  name: node.metadata.name,
  ready: node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true,
  schedulable: !isCordoned(node),
  cordonedByHostManagement: isCordoned(node) && isOurs(node),
  kubeletVersion: node.status?.nodeInfo?.kubeletVersion || null, // empty until its kubelet has said it
});

/** `KubernetesCluster` of the SDL. */
export interface ClusterView {
  readonly trouble: string | null;
  /** By name; null until they were read. */
  readonly nodes: readonly NodeView[] | null;
}
