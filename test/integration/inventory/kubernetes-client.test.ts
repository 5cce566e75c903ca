// One cluster's API through the official client: what a hanging or broken server costs.
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type KubernetesClient,
  openKubernetesClient,
} from '../../../subgraphs/edge/inventory/workloads/kubernetes/kubernetes-client.ts';
import { statusOf } from '../../../subgraphs/edge/inventory/workloads/kubernetes/kubernetes-refusal.ts';
import { openReflector } from '../../../subgraphs/edge/inventory/workloads/kubernetes/reflector.ts';
import { type ApiServer, aKubernetesApi } from '../../support/kubernetes/api-server.ts';
import { quiet } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';

let api: ApiServer;
let client: KubernetesClient;
const open = (deadlineMs = 200) =>
  openKubernetesClient(
    'lagos-1',
    { kubeconfig: api.kubeconfig, inCluster: false, graceSeconds: undefined },
    deadlineMs,
  );

beforeEach(async () => {
  api = await aKubernetesApi();
  client = await open();
});
afterEach(() => api[Symbol.asyncDispose]());

const reflect = () => openReflector({ kind: 'nodes', client, log: quiet, random: () => 0, retryMs: 5 });

test('a server that takes requests and never answers is given up, for lists and for watches', async () => {
  api.cluster.node('a');
  api.hang(true);
  await expect(client.list('nodes', '')).rejects.toThrow();
  await expect(client.patchNode('a', {})).rejects.toThrow();
  await expect(client.watch('nodes', '1', () => undefined).ended).rejects.toThrow('nothing was heard');
  const nodes = reflect();
  await eventually('in trouble', () => nodes.trouble !== null);
  expect(nodes.objects).toBeNull();
  api.hang(false);
  await eventually('followed', () => nodes.objects?.size === 1 && nodes.trouble === null);
  nodes.close();
});

test('a refusal is told with its status', async () => {
  const refused = await client.patchNode('nowhere', {}).catch(error => error);
  expect(statusOf(refused)).toBe(404);
});

test('an object that is no such object is left out, and hides no other', async () => {
  api.cluster.node('a');
  api.cluster.change('nodes', 'a', node => {
    node.spec = { unschedulable: 'perhaps' };
  });
  api.cluster.node('b');
  const nodes = reflect();
  await eventually('followed', () => api.openWatches() === 1);
  api.cluster.change('nodes', 'a', node => {
    node.metadata.labels = 7;
  });
  api.cluster.node('c');
  await eventually('c is seen', () => nodes.objects?.size === 2);
  expect([...nodes.objects!.values()].map(node => node.metadata.name)).toEqual(['b', 'c']);
  nodes.close();
});

test('a server that calls every position too old is listed again, but not without a pause', async () => {
  api.cluster.node('a');
  api.tooOld = true;
  const nodes = openReflector({ kind: 'nodes', client, log: quiet, random: () => 0, retryMs: 60_000 });
  await eventually('told', () => nodes.trouble?.startsWith('too old resource version'));
  await client.list('pods', ''); // a round trip later
  expect(api.seen.filter(each => each.path === '/api/v1/nodes')).toHaveLength(2);
  nodes.close();
});

test('a server that ends every watch at once is not asked without a pause', async () => {
  const nodes = openReflector({ kind: 'nodes', client, log: quiet, random: () => 0, retryMs: 60_000 });
  await eventually('followed', () => api.openWatches() === 1);
  api.endWatches('END');
  await eventually('ended', () => api.openWatches() === 0);
  await client.list('pods', ''); // a round trip later
  expect(api.watchesOf('nodes')).toHaveLength(1);
  nodes.close();
});
