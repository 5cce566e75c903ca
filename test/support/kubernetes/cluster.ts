// The objects of a made-up Kubernetes cluster with the rules that matter to a drain: versions, disruption budgets, and a
// controller that starts evicted pods again on nodes that take them. Knows nothing of HTTP.
import { randomUUID } from 'node:crypto';

export type Kind = 'nodes' | 'pods' | 'poddisruptionbudgets';

// biome-ignore lint/suspicious/noExplicitAny: foreign documents of every shape
export type Thing = any;

export interface ClusterEvent {
  readonly kind: Kind;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly object: Thing;
}

/** A refusal as the API writes it. */
export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly object[];
  constructor(status: number, reason: string, message: string, causes: readonly object[] = []) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.causes = causes;
  }
}

export type Cluster = ReturnType<typeof aCluster>;

export function aCluster() {
  const things = new Map<string, Thing>(); // by `kind/namespace/name`
  const events: ClusterEvent[] = [];
  const listeners = new Set<(event: ClusterEvent) => void>();
  let version = 100;
  let oldest = 0;
  let ending: 'AT_ONCE' | 'LINGERS' = 'AT_ONCE';

  const keyOf = (kind: Kind, { namespace = '', name }: Thing): string => `${kind}/${namespace}/${name}`;
  const tell = (kind: Kind, type: ClusterEvent['type'], object: Thing): void => {
    object.metadata.resourceVersion = String(++version);
    const event = { kind, type, version, object: structuredClone(object) };
    events.push(event);
    for (const listener of listeners) listener(event);
  };
  const get = (kind: Kind, name: string, namespace = ''): Thing => {
    const found = things.get(keyOf(kind, { namespace, name }));
    if (!found) throw new Refusal(404, 'NotFound', `${kind} "${name}" not found`);
    return found;
  };
  const save = (kind: Kind, object: Thing): Thing => {
    const key = keyOf(kind, object.metadata);
    const type = things.has(key) ? 'MODIFIED' : 'ADDED';
    things.set(key, object);
    tell(kind, type, object);
    return object;
  };
  const list = (kind: Kind): Thing[] =>
    [...things].filter(([key]) => key.startsWith(`${kind}/`)).map(([, object]) => object);
  const remove = (kind: Kind, name: string, namespace = ''): void => {
    const object = get(kind, name, namespace);
    things.delete(keyOf(kind, object.metadata));
    tell(kind, 'DELETED', object);
    if (kind === 'pods') startAgain(object);
  };
  /** What a ReplicaSet does: an owned pod begins anew where there is room. */
  const startAgain = (pod: Thing): void => {
    if (pod.metadata.ownerReferences?.[0]?.kind !== 'ReplicaSet') return;
    const node = list('nodes').find(candidate => !candidate.spec.unschedulable);
    const { labels, namespace, ownerReferences } = pod.metadata;
    cluster.pod(`${ownerReferences[0].name}-${randomUUID().slice(0, 5)}`, node?.metadata.name ?? null, {
      namespace,
      labels,
    });
  };
  const isHealthy = (pod: Thing): boolean =>
    pod.status.phase === 'Running' && pod.metadata.deletionTimestamp === undefined && pod.spec.nodeName;
  const budgetOver = (pod: Thing): Thing | undefined =>
    list('poddisruptionbudgets').find(
      ({ metadata, spec }) =>
        metadata.namespace === pod.metadata.namespace &&
        Object.entries(spec.selector.matchLabels).every(([key, value]) => pod.metadata.labels[key] === value),
    );

  const cluster = {
    get version(): number {
      return version;
    },
    get oldest(): number {
      return oldest;
    },
    get,
    list,
    remove,
    eventsAfter: (from: number): readonly ClusterEvent[] => events.filter(event => event.version > from),
    listen: (listener: (event: ClusterEvent) => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Positions up to now are forgotten: 410. */
    compact: (): void => {
      oldest = ++version;
    },
    /** Whether evicted pods are gone at once, or take until `end` is called. */
    pods: (how: 'AT_ONCE' | 'LINGERS'): void => {
      ending = how;
    },
    node: (name: string, more: { status?: Thing; annotations?: Thing; labels?: Thing } = {}): Thing =>
      save('nodes', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, uid: randomUUID(), labels: {}, annotations: more.annotations ?? {} },
        spec: {},
        status: {
          addresses: [{ type: 'Hostname', address: name }],
          conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
          nodeInfo: { kubeletVersion: 'v1.34.1' },
          ...more.status,
        },
      }),
    /** One of a ReplicaSet when its name ends in a suffix, unless `owner` says otherwise; null is a bare pod. */
    pod: (name: string, nodeName: string | null, more: Thing = {}): Thing => {
      const owner = more.owner === undefined ? { kind: 'ReplicaSet', name: name.replace(/-[^-]+$/, '') } : more.owner;
      const namespace = more.namespace ?? 'shop';
      return save('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name,
          namespace,
          uid: randomUUID(),
          labels: more.labels ?? { app: owner?.name ?? name },
          annotations: more.annotations ?? {},
          creationTimestamp: '2026-01-01T00:00:00Z',
          ...(owner && { ownerReferences: [{ apiVersion: 'apps/v1', uid: randomUUID(), controller: true, ...owner }] }),
        },
        spec: {
          ...(nodeName && { nodeName }),
          containers: [
            { name: 'main', image: 'main', resources: { requests: more.requests ?? { cpu: '500m', memory: '1Gi' } } },
          ],
          ...more.spec,
        },
        status: { phase: nodeName ? 'Running' : 'Pending', startTime: '2026-01-01T00:00:01Z', ...more.status },
      });
    },
    budget: (name: string, app: string, minAvailable: number, namespace = 'shop'): Thing =>
      save('poddisruptionbudgets', {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name, namespace, uid: randomUUID() },
        spec: { minAvailable, selector: { matchLabels: { app } } },
        status: { desiredHealthy: minAvailable, currentHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
      }),
    change: (kind: Kind, name: string, change: (object: Thing) => void, namespace = ''): void => {
      const object = get(kind, name, namespace);
      change(object);
      save(kind, object);
    },
    patchNode: (name: string, patch: Thing): Thing => {
      const node = get('nodes', name);
      const expected = patch.metadata?.resourceVersion;
      if (expected !== undefined && expected !== node.metadata.resourceVersion)
        throw new Refusal(
          409,
          'Conflict',
          `Operation cannot be fulfilled on nodes "${name}": the object has been modified`,
        );
      return save('nodes', merged(node, patch));
    },
    evict: (namespace: string, name: string, options: Thing): void => {
      const pod = get('pods', name, namespace);
      checkUid(pod, options);
      const budget = budgetOver(pod);
      const healthy = list('pods').filter(other => budgetOver(other) === budget && isHealthy(other)).length;
      if (budget && isHealthy(pod) && healthy - 1 < budget.spec.minAvailable)
        throw new Refusal(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", [
          {
            reason: 'DisruptionBudget',
            message: `The disruption budget ${budget.metadata.name} needs ${budget.spec.minAvailable} healthy pods and has ${healthy} currently`,
          },
        ]);
      if (ending === 'AT_ONCE') {
        remove('pods', name, namespace);
        return;
      }
      pod.metadata.deletionTimestamp = '2026-01-01T00:01:00Z';
      pod.metadata.deletionGracePeriodSeconds = options?.gracePeriodSeconds ?? 30;
      save('pods', pod);
    },
    /** Ends the pods that linger. */
    end: (): void => {
      for (const pod of list('pods').filter(each => each.metadata.deletionTimestamp))
        remove('pods', pod.metadata.name, pod.metadata.namespace);
    },
    deletePod: (namespace: string, name: string, options: Thing): void => {
      checkUid(get('pods', name, namespace), options);
      remove('pods', name, namespace);
    },
  };
  return cluster;
}

function checkUid(pod: Thing, options: Thing): void {
  const wanted = options?.preconditions?.uid;
  if (wanted !== undefined && wanted !== pod.metadata.uid)
    throw new Refusal(
      409,
      'Conflict',
      `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${pod.metadata.uid}`,
    );
}

/** RFC 7386. */
function merged(target: Thing, patch: Thing): Thing {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Thing = { ...(typeof target === 'object' && target !== null ? target : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}
