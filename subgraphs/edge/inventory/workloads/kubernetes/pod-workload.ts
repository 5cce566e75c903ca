// What a pod is as a workload, and whether it may leave its node. Pure.
import type { WorkloadRow, WorkloadState } from '../workload.ts';
import { type BudgetObject, type PodObject, selects } from './kubernetes-objects.ts';
import { mebibytes, quantity } from './quantity.ts';

const GPU = /^(nvidia\.com|amd\.com)\/gpu$|^gpu\.intel\.com\//;
const MIRROR = 'kubernetes.io/config.mirror'; // the kubelet's own pods, from files: evicting one changes nothing
const ENDED = new Set(['Succeeded', 'Failed']);

export const ownerOf = ({ metadata }: PodObject) => metadata.ownerReferences?.find(owner => owner.controller);

/** A node is empty without them: they come and go with it, or have ended. */
export const staysOnNode = (pod: PodObject): boolean =>
  ownerOf(pod)?.kind === 'DaemonSet' || MIRROR in pod.metadata.annotations || ENDED.has(pod.status?.phase ?? '');

/** `namespace/name`, as people say it. */
export const nameOf = ({ metadata }: PodObject | BudgetObject): string => `${metadata.namespace}/${metadata.name}`;

export const budgetOf = (pod: PodObject, budgets: readonly BudgetObject[]): BudgetObject | undefined =>
  budgets.find(
    budget =>
      budget.metadata.namespace === pod.metadata.namespace && selects(budget.spec?.selector, pod.metadata.labels),
  );

export function workloadOf(pod: PodObject, hostId: string | null, budgets: readonly BudgetObject[]): WorkloadRow {
  const owner = ownerOf(pod);
  const stays = staysOnNode(pod);
  const budget = stays ? undefined : budgetOf(pod, budgets);
  return {
    id: pod.metadata.uid,
    hostId,
    targetId: null,
    name: pod.metadata.name,
    namespace: pod.metadata.namespace,
    kind: owner?.kind === 'VirtualMachineInstance' ? 'VM' : 'CONTAINER', // KubeVirt's launcher pods
    state: stateOf(pod),
    source: 'KUBERNETES',
    migratable: owner !== undefined, // without an owner nobody would start it again
    stays,
    antiAffinityGroup: antiAffinityOf(pod),
    disruptionGroup: budget ? nameOf(budget) : null,
    ...requestsOf(pod),
    since: sinceOf(pod),
    readyAt: null,
  };
}

const STATES: Readonly<Record<string, WorkloadState>> = {
  Running: 'RUNNING',
  Pending: 'PENDING',
  Succeeded: 'STOPPED',
  Failed: 'FAILED',
};

function stateOf({ status }: PodObject): WorkloadState {
  const crashes = status?.containerStatuses?.some(each => each.state?.waiting?.reason === 'CrashLoopBackOff');
  return crashes ? 'FAILED' : (STATES[status?.phase ?? ''] ?? 'FAILED');
}

function sinceOf({ status, metadata }: PodObject): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  return ready ?? status?.startTime ?? metadata.creationTimestamp ?? new Date(0).toISOString();
}

/** The pods that it must not share a node with, as the text of their selector. */
function antiAffinityOf({ spec, metadata }: PodObject): string | null {
  const terms = spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const term = terms.find(({ topologyKey }) => topologyKey === 'kubernetes.io/hostname');
  if (!term) return null;
  const labels = Object.entries(term.labelSelector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const others = (term.labelSelector?.matchExpressions ?? []).map(({ key, operator, values }) =>
    `${key} ${operator} ${(values ?? []).join(',')}`.trim(),
  );
  return `${metadata.namespace}/${[...labels, ...others].sort().join(' ')}`;
}

/** What its containers ask for; where they only have a limit, that. */
function requestsOf({ spec }: PodObject): Pick<WorkloadRow, 'cpus' | 'memoryMiB' | 'hugePagesMiB' | 'gpus'> {
  const asked = spec.containers.map(({ resources }) => ({ ...resources?.limits, ...resources?.requests }));
  const sum = (amount: (requests: Readonly<Record<string, string>>) => number): number =>
    asked.reduce((total, requests) => total + amount(requests), 0);
  const ofKind = (requests: Readonly<Record<string, string>>, isKind: (name: string) => boolean) =>
    Object.entries(requests).filter(([name]) => isKind(name));
  return {
    cpus: Math.round(sum(requests => quantity(requests['cpu'])) * 1_000) / 1_000,
    memoryMiB: sum(requests => mebibytes(requests['memory'])),
    hugePagesMiB: sum(requests =>
      ofKind(requests, name => name.startsWith('hugepages-')).reduce((total, [, text]) => total + mebibytes(text), 0),
    ),
    gpus: sum(requests => ofKind(requests, name => GPU.test(name)).reduce((n, [, text]) => n + quantity(text), 0)),
  };
}
