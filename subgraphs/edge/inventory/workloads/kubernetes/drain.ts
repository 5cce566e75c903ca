// Empties one node by Kubernetes' Eviction API, as `kubectl drain` does: what belongs to the node stays, disruption budgets
// are kept, and what nobody would start again elsewhere is not ended unless forced.
import type { EvacuationProgress } from '../../lifecycle/evacuation.ts';
import type { KubernetesClient } from './kubernetes-client.ts';
import type { PodObject } from './kubernetes-objects.ts';
import { nameOf, ownerOf, staysOnNode } from './pod-workload.ts';
import { statusOf } from './reflector.ts';

/** `EVICT` asks, and is refused while a budget protects a pod; `DELETE` does not ask; `FORCE` does not wait either. */
export type DrainMode = 'EVICT' | 'DELETE' | 'FORCE';

export interface DrainOptions {
  readonly mode: DrainMode;
  /** The pod's own when left out. */
  readonly graceSeconds: number | undefined;
}

const AT_ONCE = 8; // requests: a node may hold hundreds of pods

/** Asks all that may go to go, and answers what is still there. To be called again until nothing is. */
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
    if (GONE.has(statusOf(error) ?? 0)) return null;
    return `${nameOf(pod)} cannot be ${mode === 'EVICT' ? 'evicted' : 'deleted'} now: ${reasonOf(error)}`;
  }
}

// 404: it is gone; 409: another one has its name by now, for the request names its uid
const GONE: ReadonlySet<number> = new Set([404, 409]);

/** The words of the API, which name the disruption budget. */
function reasonOf(error: unknown): string {
  const { body, message } = (error ?? {}) as { readonly body?: unknown; readonly message?: string };
  return statusMessage(body) ?? message ?? String(error);
}

function statusMessage(body: unknown): string | undefined {
  const status = typeof body === 'string' ? parsed(body) : body;
  const { message } = (status ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? message : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the answer of a proxy: the error's own message says its status
  }
}
