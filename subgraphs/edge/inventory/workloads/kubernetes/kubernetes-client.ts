// Speaks with one cluster's API through the official client, which is loaded only where a cluster is configured. Every
// request has a deadline; what comes in is checked before anybody sees it.
import fs from 'node:fs';
import type { Configuration, CoreV1Api, KubeConfig, Middleware, PolicyV1Api } from '@kubernetes/client-node';
import type { z } from 'zod';
import type { Config } from '../../../../../runtime/config.ts';
import { BudgetObject, NodeObject, PodObject } from './kubernetes-objects.ts';
import { type OpenWatch, openWatch, type WatchEvent } from './kubernetes-watch.ts';

export type ClusterSettings = Config['kubernetes'][string];

const KINDS: { readonly [K in WatchedKind]: { readonly path: string; readonly shape: z.ZodType<ObjectOf[K]> } } = {
  nodes: { path: '/api/v1/nodes', shape: NodeObject },
  pods: { path: '/api/v1/pods', shape: PodObject },
  budgets: { path: '/apis/policy/v1/poddisruptionbudgets', shape: BudgetObject },
};

export interface ObjectOf {
  readonly nodes: NodeObject;
  readonly pods: PodObject;
  readonly budgets: BudgetObject;
}
export type WatchedKind = keyof ObjectOf;

export interface ObjectPage<T> {
  readonly objects: readonly T[];
  readonly resourceVersion: string;
  /** Empty when it is the last page. */
  readonly continueAt: string;
}

export interface KubernetesClient {
  list<K extends WatchedKind>(kind: K, continueAt: string): Promise<ObjectPage<ObjectOf[K]>>;
  watch<K extends WatchedKind>(
    kind: K,
    resourceVersion: string,
    onEvent: (event: WatchEvent<ObjectOf[K]>) => void,
  ): OpenWatch;
  /** As they are now, not as the watch last told. */
  podsOn(nodeName: string): Promise<readonly PodObject[]>;
  /** A JSON merge patch. */
  patchNode(name: string, patch: object): Promise<void>;
  /** Ends a pod in good order; refused (429) while a disruption budget protects it. */
  evict(pod: PodObject, graceSeconds: number | undefined): Promise<void>;
  /** Ends a pod without regard to budgets. */
  remove(pod: PodObject, graceSeconds: number | undefined): Promise<void>;
}

const DEADLINE_MS = 5_000;
const PAGE = 500;

type Library = typeof import('@kubernetes/client-node');

export async function openKubernetesClient(
  region: string,
  settings: ClusterSettings,
  deadlineMs = DEADLINE_MS,
): Promise<KubernetesClient> {
  const library = await loadLibrary(region);
  const config = followConfig(settings, () => readConfig(library, region, settings));
  const requests = requestsOf(library, config, deadlineMs);
  const core = new library.CoreV1Api(requests);
  const policy = new library.PolicyV1Api(requests);
  return {
    list: async (kind, continueAt) => {
      const { items, metadata } = await listOf(kind, core, policy, {
        limit: PAGE,
        ...(continueAt && { _continue: continueAt }),
      });
      return {
        objects: readable(KINDS[kind].shape, items),
        resourceVersion: metadata?.resourceVersion ?? '',
        continueAt: metadata?._continue ?? '',
      };
    },
    watch: (kind, resourceVersion, onEvent) =>
      openWatch(new library.Watch(config()), { ...KINDS[kind], resourceVersion, deadlineMs }, onEvent),
    podsOn: async nodeName => {
      const { items } = await core.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${nodeName}` });
      return readable(PodObject, items);
    },
    patchNode: async (name, patch) => {
      await core.patchNode({ name, body: patch }, mergePatch(library));
    },
    evict: async ({ metadata: { name, namespace, uid } }, graceSeconds) => {
      const deleteOptions = endOptions(uid, graceSeconds);
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions };
      await core.createNamespacedPodEviction({ name, namespace, body });
    },
    remove: async ({ metadata: { name, namespace, uid } }, graceSeconds) => {
      await core.deleteNamespacedPod({ name, namespace, body: endOptions(uid, graceSeconds) });
    },
  };
}

const endOptions = (uid: string, graceSeconds: number | undefined) => ({
  preconditions: { uid }, // never the one that took its name
  ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }),
});

/** An object that is not as Kubernetes has it is left out: one bad object must not hide the others. */
const readable = <T>(shape: z.ZodType<T>, items: readonly unknown[]): T[] =>
  items.flatMap(item => {
    const parsed = shape.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });

async function loadLibrary(region: string): Promise<Library> {
  try {
    return await import('@kubernetes/client-node');
  } catch (error) {
    throw new Error(
      `Region ${region} has kubernetes settings, but the optional package @kubernetes/client-node is not installed: npm install without --omit=optional.`,
      { cause: error },
    );
  }
}

function readConfig(library: Library, region: string, { kubeconfig, context, inCluster }: ClusterSettings): KubeConfig {
  const config = new library.KubeConfig();
  const setting = `kubernetes.${region}.${inCluster ? 'inCluster' : 'kubeconfig'}`;
  try {
    if (inCluster) config.loadFromCluster();
    else config.loadFromFile(kubeconfig!);
    if (context !== undefined) config.setCurrentContext(context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${setting}: cannot be read: ${reason}`, { cause: error });
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined)
    throw new Error(`${setting}: has no cluster for the context ${JSON.stringify(config.getCurrentContext())}`);
  if (!URL.canParse(server))
    // outside of a cluster the client makes an address of what is not there
    throw new Error(`${setting}: ${inCluster ? 'this process is no pod of a cluster' : `${server} is no address`}`);
  return config;
}

/**
 * The settings as they are now: whoever renews a token or a certificate writes the file anew. While it is gone or half
 * written the last good one stands.
 */
function followConfig({ kubeconfig }: ClusterSettings, read: () => KubeConfig): () => KubeConfig {
  const stampOf = (): string => {
    const file = kubeconfig === undefined ? undefined : fs.statSync(kubeconfig, { throwIfNoEntry: false });
    return `${file?.ino} ${file?.mtimeMs} ${file?.size}`;
  };
  let stamp = stampOf();
  let config = read();
  return () => {
    const now = stampOf();
    if (now === stamp) return config;
    try {
      config = read();
      stamp = now;
    } catch {
      // read again for the next request
    }
    return config;
  };
}

/** As the client's own `makeApiClient`, with a deadline: a server that accepts and never answers must not be waited for. */
function requestsOf(library: Library, config: () => KubeConfig, deadlineMs: number): Configuration {
  const pre: Middleware['pre'] = async request => {
    request.setSignal(AbortSignal.timeout(deadlineMs));
    return request;
  };
  return library.createConfiguration({
    baseServer: {
      makeRequestContext: (endpoint, method) =>
        new library.ServerConfiguration(config().getCurrentCluster()!.server, {}).makeRequestContext(endpoint, method),
    },
    authMethods: {
      default: {
        getName: () => 'kubeconfig',
        applySecurityAuthentication: request => config().applySecurityAuthentication(request),
      },
    },
    promiseMiddleware: [{ pre, post: async response => response }],
  });
}

const mergePatch = (library: Library) => library.setHeaderOptions('Content-Type', library.PatchStrategy.MergePatch);

interface ListAnswer {
  readonly items: readonly unknown[];
  readonly metadata?: { readonly resourceVersion?: string; readonly _continue?: string };
}

function listOf(kind: WatchedKind, core: CoreV1Api, policy: PolicyV1Api, page: object): Promise<ListAnswer> {
  if (kind === 'nodes') return core.listNode(page);
  return kind === 'pods' ? core.listPodForAllNamespaces(page) : policy.listPodDisruptionBudgetForAllNamespaces(page);
}
