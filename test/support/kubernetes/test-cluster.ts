// The cluster of the tests that hold for every Kubernetes API: the simulator, or the API server that MURMUR_TEST_KUBECONFIG
// leads to. That one has no kubelet and no controllers: it keeps what it is told.
import { type ApiServer, aKubernetesApi } from './api-server.ts';
import type { Kind, NodeWishes, PodWishes, Thing } from './manifests.ts';
import { openRealCluster } from './real-cluster.ts';
import type { AccessRule } from './rights.ts';

export interface TestCluster extends AsyncDisposable {
  /** Path of a kubeconfig with every right. */
  readonly kubeconfig: string;
  /** Path of a kubeconfig of an account that has only these rights. */
  account(rules: readonly AccessRule[]): Promise<string>;
  node(name: string, more?: NodeWishes): Promise<Thing>;
  pod(name: string, nodeName: string | null, more?: PodWishes): Promise<Thing>;
  /** `allowed`: how many of its pods may go now. */
  budget(name: string, app: string, minAvailable: number, allowed: number): Promise<Thing>;
  list(kind: Kind): Promise<Thing[]>;
  get(kind: Kind, name: string, namespace?: string): Promise<Thing>;
  /** RFC 7386. */
  patch(kind: Kind, name: string, patch: object, namespace?: string): Promise<void>;
  /** What a kubelet says of its node or pod. */
  patchStatus(kind: Kind, name: string, status: object, namespace?: string): Promise<void>;
  /** At once. */
  remove(kind: Kind, name: string, namespace?: string): Promise<void>;
  /** Everything but the accounts. */
  clear(): Promise<void>;
}

export async function aTestCluster(): Promise<TestCluster> {
  const { MURMUR_TEST_KUBECONFIG: kubeconfig } = process.env;
  return kubeconfig === undefined ? simulatedCluster(await aKubernetesApi()) : openRealCluster(kubeconfig);
}

function simulatedCluster(api: ApiServer): TestCluster {
  const { cluster } = api;
  cluster.controllers('NONE');
  cluster.pods('LINGERS');
  return {
    kubeconfig: api.kubeconfig,
    account: async rules => api.account(rules),
    node: async (name, more) => cluster.node(name, more),
    pod: async (name, nodeName, more) => cluster.pod(name, nodeName, more),
    budget: async (name, app, minAvailable, allowed) => {
      const like = cluster
        .list('pods')
        .filter(pod => pod.metadata.labels.app === app && pod.status.phase === 'Running');
      if (like.length - minAvailable !== allowed) throw new Error(`${name} allows ${like.length - minAvailable}`);
      return cluster.budget(name, app, minAvailable);
    },
    list: async kind => cluster.list(kind),
    get: async (kind, name, namespace) => structuredClone(cluster.get(kind, name, namespace)),
    patch: async (kind, name, patch, namespace) => cluster.patch(kind, name, patch, namespace),
    patchStatus: async (kind, name, status, namespace) => cluster.patch(kind, name, { status }, namespace),
    remove: async (kind, name, namespace) => cluster.remove(kind, name, namespace),
    clear: async () => {
      for (const kind of ['poddisruptionbudgets', 'pods', 'nodes'] as const)
        for (const { metadata } of cluster.list(kind)) cluster.remove(kind, metadata.name, metadata.namespace);
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}
