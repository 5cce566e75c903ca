// Locks through a region's door with workloads on its hosts: the job empties them first, and goes on where it was when the
// region is killed in between.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { aKubernetesApi } from '../../support/kubernetes/api-server.ts';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { ask } from '../edge/ask.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';

const left = leftovers();
const LOCK = `mutation ($id: ID!) { lockHost(input: { id: $id }) { job { id } userErrors { message } } }`;
const HOST = `query ($id: ID!) { host(id: $id) {
  administrative conditions { alarmId } workloads { nodes { name state target { hostname } } }
  kubernetesNode { name ready schedulable cordonedByHostManagement kubeletVersion } jobs { nodes { state message } } } }`;

const CLUSTER = `kubernetes { trouble nodes(isHost: $isHost, first: $first, after: $after) {
  totalCount nodes { name host { hostname } } pageInfo { hasNextPage endCursor } } }`;
const clusterOf = async (house: House, variables: object) =>
  (await hands(house).region('inventory', CLUSTER, { ...variables }, ', $isHost: Boolean, $first: Int, $after: Cursor'))
    .kubernetes;

const lock = async (house: House, id: string): Promise<void> => {
  expect((await ask(house.url('inventory'), LOCK, { id })).lockHost.userErrors).toEqual([]);
};
const look = async (house: House, id: string) => (await ask(house.url('inventory'), HOST, { id })).host;
const locked = (house: House, id: string) =>
  eventually('locked', async () => {
    const host = await look(house, id);
    return host.administrative === 'LOCKED' && host;
  });

describe('a lock', () => {
  test('moves simulated workloads away first, through a restart of the region', async () => {
    const house = await aHouse(['lagos-1'], { workloads: { simulatedMoveMs: 500 } });
    left.add(() => house.stop());
    const [a, b] = [await hands(house).host({ hostname: 'a' }), await hands(house).host({ hostname: 'b' })];
    await house.rows(
      `insert into inventory.workload (id, host_id, name, kind, state, source, migratable, stays, cpus, memory_mib,
         huge_pages_mib, gpus, since) values ($1, $2, 'upf-0', 'VM', 'RUNNING', 'SIMULATED', true, false, 1, 64, 0, 0, now())`,
      [randomUUID(), a.id.split('/')[1]],
    );
    expect(await clusterOf(house, {})).toBeNull();
    await lock(house, a.id);
    await eventually('moving', async () => (await look(house, a.id)).workloads.nodes[0]?.target?.hostname === 'b');
    expect(await look(house, a.id)).toMatchObject({ administrative: 'UNLOCKED' });
    await house.stop();
    await house.start();
    expect(await locked(house, a.id)).toMatchObject({
      conditions: [{ alarmId: '200.001' }],
      workloads: { nodes: [] },
      kubernetesNode: null,
      jobs: { nodes: [{ state: 'SUCCEEDED' }] },
    });
    expect((await look(house, b.id)).workloads.nodes).toMatchObject([
      { name: 'upf-0', state: 'RUNNING', target: null },
    ]);
  });

  test('drains a Kubernetes node: a job that a budget holds says so, outlives its region, and ends when it may', async () => {
    const api = await aKubernetesApi();
    left.add(() => api[Symbol.asyncDispose]());
    for (const name of ['a', 'b']) api.cluster.node(name);
    api.cluster.budget('web-budget', 'web', 1);
    api.cluster.pod('web-1', 'a');
    const house = await aHouse(['lagos-1'], { kubernetes: { 'lagos-1': { kubeconfig: api.kubeconfig } } });
    left.add(() => house.stop());
    const [a] = [await hands(house).host({ hostname: 'a' }), await hands(house).host({ hostname: 'b' })];
    const node = { name: 'a', ready: true, kubeletVersion: 'v1.34.1' };
    const free = { ...node, schedulable: true, cordonedByHostManagement: false };
    await eventually('read', async () => (await look(house, a.id)).kubernetesNode);
    api.cluster.node('stranger');
    const cluster = (variables = {}) => clusterOf(house, variables);
    await eventually('found', async () => (await cluster()).nodes.totalCount === 3);
    expect(await cluster({ first: 1 })).toMatchObject({
      trouble: null,
      nodes: { nodes: [{ name: 'a', host: { hostname: 'a' } }], pageInfo: { hasNextPage: true } },
    });
    const { endCursor } = (await cluster({ first: 1 })).nodes.pageInfo;
    expect((await cluster({ after: endCursor })).nodes.nodes).toMatchObject([{ name: 'b' }, { name: 'stranger' }]);
    expect((await cluster({ isHost: true })).nodes.nodes).toMatchObject([{ name: 'a' }, { name: 'b' }]);
    expect((await cluster({ isHost: false })).nodes.nodes).toEqual([{ name: 'stranger', host: null }]);
    expect((await look(house, a.id)).kubernetesNode).toEqual(free);
    await lock(house, a.id);
    await eventually('held', async () =>
      (await look(house, a.id)).jobs.nodes[0].message.includes("violate the pod's disruption budget"),
    );
    const held = { ...node, schedulable: false, cordonedByHostManagement: true };
    await eventually('shown as cordoned', async () => !(await look(house, a.id)).kubernetesNode.schedulable);
    expect((await look(house, a.id)).kubernetesNode).toEqual(held);
    await house.stop();
    api.cluster.pod('web-2', 'b');
    await house.start();
    await locked(house, a.id);
    expect(api.cluster.list('pods').map(pod => pod.spec.nodeName)).toEqual(['b', 'b']);
    expect(api.cluster.get('nodes', 'a').spec.unschedulable).toBe(true);
  });
});
