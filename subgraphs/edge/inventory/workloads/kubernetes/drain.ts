// Empties one node by Kubernetes' Eviction API, as `kubectl drain` does: what belongs to the node stays, disruption budgets
// are kept, and what nobody would start again elsewhere is not ended unless forced.
import type { EvacuationProgress } from '../../lifecycle/evacuation.ts';
import type { KubernetesClient } from './kubernetes-client.ts';
import type { PodObject } from './kubernetes-objects.ts';
import { reasonOf, statusOf } from './kubernetes-refusal.ts';
import { nameOf, ownerOf, staysOnNode } from './pod-workload.ts';

/** `EVICT` asks, and is refused while a budget protects a pod; `DELETE` does not ask; `FORCE` does not wait either. */
export type DrainMode = 'EVICT' | 'DELETE' | 'FORCE';

export interface DrainOptions {
  readonly mode: DrainMode;
  /** The pod's own when left out. */
  readonly graceSeconds: number | undefined;
}

const AT_ONCE = 8; // requests: a node may hold hundreds of pods

/** Asks all that may go to go, and answers what is still there. To be called again until nothing is. Throws when the API does not answer. */
export async function drain(
  client: Pick<KubernetesClient, 'podsOn' | 'evict' | 'remove'>,
  nodeName: string,
  options: DrainOptions,
): Promise<Omit<EvacuationProgress, 'done'>> {
  const leaving = (await client.podsOn(nodeName)).filter(pod => !staysOnNode(pod));
  const answers: (string | null)[] = [];
  for (let i = 0; i < leaving.length; i += AT_ONCE)
    answers.push(...(await Promise.all(leaving.slice(i, i + AT_ONCE).map(pod => send(client, pod, options)))));
  return { remaining: leaving.length, blockedBy: answers.filter(answer => answer !== null).sort() };
}

/** Null once it is on its way, else why it is not. */
async function send(
  client: Pick<KubernetesClient, 'evict' | 'remove'>,
  pod: PodObject,
  { mode, graceSeconds }: DrainOptions,
): Promise<string | null> {
  const isEnding = pod.metadata.deletionTimestamp != null;
  if (isEnding && mode !== 'FORCE') return null;
  if (mode !== 'FORCE' && ownerOf(pod) === undefined)
    return `${nameOf(pod)} has no controller that would start it elsewhere: delete it, or use force.`;
  try {
    await (mode === 'EVICT'
      ? client.evict(pod, graceSeconds)
      : client.remove(pod, mode === 'FORCE' ? 0 : graceSeconds));
    return null;
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error; // no answer: the others would not get one either
    if (GONE.has(status)) return null;
    return `${nameOf(pod)} cannot be ${mode === 'EVICT' ? 'evicted' : 'deleted'} now: ${reasonOf(error)}`;
  }
}

// 404: it is gone; 409: another one has its name by now, for the request names its uid
const GONE: ReadonlySet<number> = new Set([404, 409]);
