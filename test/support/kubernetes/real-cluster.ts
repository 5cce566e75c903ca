// A real API server as a test cluster. Takes none that somebody else uses: it deletes all that tests have made, before
// them and after.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { aBudget, aNode, aPod, type Kind, RESOURCES, type Thing } from './manifests.ts';
import { kubeconfigFor } from './rights.ts';
import type { TestCluster } from './test-cluster.ts';

const MARK = 'murmuration.io/test';
const NAMESPACE = 'shop';
const MERGE = 'application/merge-patch+json';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const OBJECTS = [
  `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets`,
  `/api/v1/namespaces/${NAMESPACE}/pods`,
  '/api/v1/nodes',
];
const ACCOUNTS = [
  `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`,
  `${RBAC}/clusterrolebindings`,
  `${RBAC}/clusterroles`,
];

type Call = (method: string, at: string, body?: object, contentType?: string) => Promise<Thing>;

export async function openRealCluster(file: string): Promise<TestCluster> {
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  config.loadFromFile(file);
  const call = await callerOf(config);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-kube-'));
  const made = async (kind: Kind): Promise<Thing[]> =>
    (await call('GET', `${RESOURCES[kind].api}/${kind}?labelSelector=${MARK}`)).items;

  const create = async (kind: Kind, { status, ...manifest }: Thing): Promise<Thing> => {
    const { name, namespace } = manifest.metadata;
    manifest.metadata.labels = { ...manifest.metadata.labels, [MARK]: 'yes' };
    const created = await call('POST', pathOf(kind, '', namespace), manifest);
    if (status === undefined) return created;
    return call('PATCH', `${pathOf(kind, name, namespace)}/status`, { status }, MERGE);
  };
  const remove = async (kind: Kind, name: string, namespace?: string): Promise<void> => {
    await call('DELETE', pathOf(kind, name, namespace), { gracePeriodSeconds: 0 });
  };
  const clear = async (places: readonly string[]): Promise<void> => {
    for (const at of places) await call('DELETE', `${at}?labelSelector=${MARK}`, { gracePeriodSeconds: 0 });
  };

  await clear([...OBJECTS, ...ACCOUNTS]);
  const strangers: Thing[] = (await call('GET', '/api/v1/nodes')).items;
  if (strangers.length > 0)
    throw new Error(
      `MURMUR_TEST_KUBECONFIG: ${file} leads to a cluster with nodes of its own; tests take an empty one.`,
    );
  await call('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } }).catch(ifThere);

  return {
    kubeconfig: file,
    account: async rules => {
      const name = `region-${randomUUID()}`;
      const account = { kind: 'ServiceAccount', name, namespace: NAMESPACE };
      const metadata = { name, labels: { [MARK]: 'yes' } };
      await call('POST', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, { metadata });
      await call('POST', `${RBAC}/clusterroles`, { metadata, rules });
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
      await call('POST', `${RBAC}/clusterrolebindings`, { metadata, roleRef, subjects: [account] });
      const at = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${name}/token`;
      const { token } = (await call('POST', at, { spec: { expirationSeconds: 600 } })).status;
      const { server, caData, caFile, skipTLSVerify } = config.getCurrentCluster()!;
      const cluster = {
        server,
        'certificate-authority-data': caData,
        'certificate-authority': caFile,
        'insecure-skip-tls-verify': skipTLSVerify,
      };
      const target = path.join(folder, `${name}.json`);
      fs.writeFileSync(target, kubeconfigFor(cluster, token));
      return target;
    },
    node: (name, more) => create('nodes', aNode(name, more)),
    pod: (name, nodeName, more) => {
      const { status, ...pod } = aPod(name, nodeName, more);
      return create('pods', nodeName === null && !more?.status ? pod : { ...pod, status }); // Pending by itself
    },
    budget: (name, app, minAvailable, disruptionsAllowed) => {
      const budget = aBudget(name, app, minAvailable, NAMESPACE);
      const currentHealthy = minAvailable + disruptionsAllowed;
      // as its controller would say it
      const said = { observedGeneration: 1, currentHealthy, expectedPods: currentHealthy, disruptionsAllowed };
      return create('poddisruptionbudgets', { ...budget, status: { ...budget.status, ...said } });
    },
    list: made,
    get: (kind, name, namespace) => call('GET', pathOf(kind, name, namespace)),
    patch: async (kind, name, patch, namespace) => {
      await call('PATCH', pathOf(kind, name, namespace), patch, MERGE);
    },
    patchStatus: async (kind, name, status, namespace) => {
      await call('PATCH', `${pathOf(kind, name, namespace)}/status`, { status }, MERGE);
    },
    remove,
    clear: () => clear(OBJECTS),
    [Symbol.asyncDispose]: async () => {
      await clear([...OBJECTS, ...ACCOUNTS]);
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

const pathOf = (kind: Kind, name: string, namespace = ''): string =>
  [RESOURCES[kind].api, namespace && `namespaces/${namespace}`, kind, name].filter(part => part !== '').join('/');

function ifThere(error: { readonly status?: number }): void {
  if (error.status !== 409) throw error;
}

/** JSON in, JSON out; rejects with the status of a refusal. */
async function callerOf(config: KubeConfig): Promise<Call> {
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  Object.assign(options.agent as https.Agent, { keepAlive: true, maxSockets: 32 });
  const { server } = config.getCurrentCluster()!;
  return (method, at, body, contentType = 'application/json') =>
    new Promise((resolve, reject) => {
      const text = body && JSON.stringify(body);
      // Node would send the body of a DELETE without its length, and the server not read it
      const length = text && { 'content-length': Buffer.byteLength(text) };
      const headers = { ...options.headers, 'content-type': contentType, ...length };
      const request = https.request(`${server}${at}`, { ...options, method, headers }, async answer => {
        const said = JSON.parse((await answer.toArray()).join(''));
        const status = answer.statusCode!;
        if (status < 300) resolve(said);
        else reject(Object.assign(new Error(`${method} ${at}: ${status} ${said.message}`), { status }));
      });
      request.on('error', reject);
      request.end(text);
    });
}
