// The objects of a made-up Kubernetes cluster with the rules that matter to a drain: versions, disruption budgets, and a
// controller that starts evicted pods again on nodes that take them. Knows nothing of HTTP.
import { randomUUID } from 'node:crypto';
import { aBudget, aNode, aPod, type Kind, type NodeWishes, type PodWishes, type Thing } from './manifests.ts';

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
  readonly details: object | undefined;
  constructor(status: number, reason: string, message: string, details?: object) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.details = details;
  }
}

export type Cluster = ReturnType<typeof aCluster>;

export function aCluster() {
  const things = new Map<string, Thing>(); // by `kind/namespace/name`
  const events: ClusterEvent[] = [];
  const listeners = new Set<(event: ClusterEvent) => void>();
  let version = 100;
  let oldest = 50; // no cluster has its whole history
  let ending: 'AT_ONCE' | 'LINGERS' = 'AT_ONCE';
  let controllers: 'ALL' | 'NONE' = 'ALL';

  const keyOf = (kind: Kind, { namespace = '', name }: Thing): string => `${kind}/${namespace}/${name}`;
  const tell = (kind: Kind, type: ClusterEvent['type'], object: Thing): void => {
    object.metadata.resourceVersion = String(++version);
    const event = { kind, type, version, object: structuredClone(object) };
    events.push(event);
    for (const listener of listeners) listener(event);
  };
  const get = (kind: Kind, name: string, namespace = ''): Thing => {
    const found = things.get(keyOf(kind, { namespace, name }));
    if (!found) throw new Refusal(404, 'NotFound', `${kind} "${name}" not found`, { name, kind });
    return found;
  };
  const save = (kind: Kind, object: Thing): Thing => {
    const key = keyOf(kind, object.metadata);
    const type = things.has(key) ? 'MODIFIED' : 'ADDED';
    things.set(key, object);
    tell(kind, type, object);
    return object;
  };
  const create = (kind: Kind, { metadata, ...rest }: Thing): Thing =>
    save(kind, { ...rest, metadata: { ...metadata, uid: randomUUID(), creationTimestamp: '2026-01-01T00:00:00Z' } });
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
    if (controllers === 'NONE' || pod.metadata.ownerReferences?.[0]?.kind !== 'ReplicaSet') return;
    const node = list('nodes').find(candidate => !candidate.spec.unschedulable);
    const { labels, namespace, ownerReferences } = pod.metadata;
    cluster.pod(`${ownerReferences[0].name}-${randomUUID().slice(0, 5)}`, node?.metadata.name ?? null, {
      namespace,
      labels,
    });
  };
  /** One that runs has its grace, and begins it once: it is gone when its node says so. */
  const terminate = (pod: Thing, options: Thing): void => {
    const { name, namespace } = pod.metadata;
    const grace = options?.gracePeriodSeconds ?? 30;
    if (ending === 'AT_ONCE' || grace === 0 || !pod.spec.nodeName) return void remove('pods', name, namespace);
    if (pod.metadata.deletionTimestamp) return;
    Object.assign(pod.metadata, { deletionTimestamp: '2026-01-01T00:01:00Z', deletionGracePeriodSeconds: grace });
    save('pods', pod);
  };
  const isHealthy = (pod: Thing): boolean =>
    pod.metadata.deletionTimestamp === undefined &&
    pod.status.conditions?.some((each: Thing) => each.type === 'Ready' && each.status === 'True');
  /** A pod that is not ready costs its budget nothing, but goes only while the budget has all it needs. */
  const costOf = (pod: Thing): number => (isHealthy(pod) ? 1 : 0);
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
    /** Whether pods that are told to end are gone at once, or take until `end` is called. */
    pods: (how: 'AT_ONCE' | 'LINGERS'): void => {
      ending = how;
    },
    /** Whether a ReplicaSet's pods are started again. */
    controllers: (which: 'ALL' | 'NONE'): void => {
      controllers = which;
    },
    node: (name: string, more: NodeWishes = {}): Thing => create('nodes', aNode(name, more)),
    /** One of a ReplicaSet when its name ends in a suffix, unless `owner` says otherwise; null is a bare pod. */
    pod: (name: string, nodeName: string | null, more: PodWishes = {}): Thing =>
      create('pods', aPod(name, nodeName, more)),
    budget: (name: string, app: string, minAvailable: number, namespace = 'shop'): Thing =>
      create('poddisruptionbudgets', aBudget(name, app, minAvailable, namespace)),
    change: (kind: Kind, name: string, change: (object: Thing) => void, namespace = ''): void => {
      const object = get(kind, name, namespace);
      change(object);
      save(kind, object);
    },
    patch: (kind: Kind, name: string, patch: Thing, namespace = ''): Thing => {
      const object = get(kind, name, namespace);
      const expected = patch.metadata?.resourceVersion;
      if (expected !== undefined && expected !== object.metadata.resourceVersion)
        throw new Refusal(
          409,
          'Conflict',
          `Operation cannot be fulfilled on ${kind} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
          { name, kind },
        );
      return save(kind, merged(object, patch));
    },
    evict: (namespace: string, name: string, options: Thing): void => {
      const pod = get('pods', name, namespace);
      checkUid(pod, options);
      const budget = budgetOver(pod);
      const healthy = list('pods').filter(other => budgetOver(other) === budget && isHealthy(other)).length;
      if (budget && pod.status.phase === 'Running' && healthy - costOf(pod) < budget.spec.minAvailable)
        throw new Refusal(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
          causes: [
            {
              reason: 'DisruptionBudget',
              message: `The disruption budget ${budget.metadata.name} needs ${budget.spec.minAvailable} healthy pods and has ${healthy} currently`,
            },
          ],
        });
      terminate(pod, options);
    },
    /** Ends the pods that linger. */
    end: (): void => {
      for (const pod of list('pods').filter(each => each.metadata.deletionTimestamp))
        remove('pods', pod.metadata.name, pod.metadata.namespace);
    },
    deletePod: (namespace: string, name: string, options: Thing): void => {
      const pod = get('pods', name, namespace);
      checkUid(pod, options);
      terminate(pod, options);
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
      `Operation cannot be fulfilled on Pod "${pod.metadata.name}": the UID in the precondition (${wanted}) does not match the UID in record (${pod.metadata.uid}). The object might have been deleted and then recreated`,
      { name: pod.metadata.name, kind: 'Pod' },
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
