// Nodes, pods and disruption budgets as they are sent to a Kubernetes API, made-up or real. Pure.

// biome-ignore lint/suspicious/noExplicitAny: foreign documents of every shape
export type Thing = any;

export type Kind = 'nodes' | 'pods' | 'poddisruptionbudgets';

export const RESOURCES: Readonly<
  Record<Kind, { readonly kind: string; readonly api: string; readonly group: string }>
> = {
  nodes: { kind: 'Node', api: '/api/v1', group: '' },
  pods: { kind: 'Pod', api: '/api/v1', group: '' },
  poddisruptionbudgets: { kind: 'PodDisruptionBudget', api: '/apis/policy/v1', group: 'policy' },
};

export interface NodeWishes {
  readonly status?: Thing;
  readonly annotations?: Thing;
}

export const aNode = (name: string, { status, annotations = {} }: NodeWishes = {}): Thing => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: {}, annotations },
  spec: {},
  status: {
    addresses: [{ type: 'Hostname', address: name }],
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    nodeInfo: { kubeletVersion: 'v1.34.1' },
    ...status,
  },
});

export interface PodWishes {
  readonly namespace?: string;
  readonly labels?: Thing;
  readonly annotations?: Thing;
  /** A ReplicaSet after the pod's name unless said; null is a bare pod. */
  readonly owner?: Thing;
  readonly requests?: Thing;
  readonly spec?: Thing;
  readonly status?: Thing;
}

const NEVER_SHARED = /^hugepages-|\//; // must have a limit, and ask for as much

export function aPod(name: string, nodeName: string | null, more: PodWishes = {}): Thing {
  const owner = more.owner === undefined ? { kind: 'ReplicaSet', name: name.replace(/-[^-]+$/, '') } : more.owner;
  const requests = more.requests ?? { cpu: '500m', memory: '1Gi' };
  const limits = Object.fromEntries(Object.entries(requests).filter(([resource]) => NEVER_SHARED.test(resource)));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: more.namespace ?? 'shop',
      labels: more.labels ?? { app: owner?.name ?? name },
      annotations: more.annotations ?? {},
      ...(owner && {
        ownerReferences: [{ apiVersion: 'apps/v1', uid: `uid-of-${owner.name}`, controller: true, ...owner }],
      }),
    },
    spec: {
      ...(nodeName && { nodeName }),
      containers: [{ name: 'main', image: 'main', resources: { requests, limits } }],
      ...more.spec,
    },
    status: { ...(nodeName ? RUNNING : PENDING), startTime: '2026-01-01T00:00:01Z', ...more.status },
  };
}

const RUNNING = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const PENDING = { phase: 'Pending' };

export const aBudget = (name: string, app: string, minAvailable: number, namespace = 'shop'): Thing => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace },
  spec: { minAvailable, selector: { matchLabels: { app } } },
  status: { desiredHealthy: minAvailable, currentHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
});
