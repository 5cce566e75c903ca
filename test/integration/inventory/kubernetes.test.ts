// The Kubernetes adapter against an API over real HTTP: what it reads, how it keeps following, and how it empties a node.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ConfigInput } from '../../../runtime/config.ts';
import type { HostRow } from '../../../subgraphs/edge/inventory/hosts/host.ts';
import { CORDON_ANNOTATION } from '../../../subgraphs/edge/inventory/workloads/kubernetes/cordon.ts';
import { findAllWorkloads } from '../../../subgraphs/edge/inventory/workloads/workload-store.ts';
import { type ApiServer, aKubernetesApi } from '../../support/kubernetes/api-server.ts';
import { aCluster, type Cluster } from '../../support/kubernetes/cluster.ts';
import { eventually } from '../../support/wait.ts';
import { aStage, type Stage } from './workload-stage.ts';

let stage: Stage;
let api: ApiServer;
let cluster: Cluster;
let settings: ConfigInput;
let [a, b]: HostRow[] = [];

beforeAll(async () => {
  stage = await aStage();
});
afterAll(() => stage.close());

beforeEach(async () => {
  cluster = aCluster();
  for (const name of ['a', 'b']) cluster.node(name);
  api = await aKubernetesApi(cluster);
  settings = { kubernetes: { 'lagos-1': { kubeconfig: api.kubeconfig, graceSeconds: 7 } } };
  await stage.open(settings);
  a = await stage.host({ hostname: 'a' });
  b = await stage.host({ hostname: 'b' });
  await eventually('watched', () => api.openWatches() === 3);
});

afterEach(async () => {
  await stage.reset();
  await api[Symbol.asyncDispose]();
});

const nodeOf = (name: string) => cluster.get('nodes', name);
const isCordoned = (name: string): boolean => nodeOf(name).spec.unschedulable === true;
const cordoned = (name: string, is = true) => eventually(`${name} cordoned: ${is}`, () => isCordoned(name) === is);
const lists = (): number => api.seen.filter(each => each.method === 'GET' && !each.query.has('watch')).length;
const conditioned = (host: HostRow, ...expected: string[]) =>
  eventually(`${host.hostname}: ${expected}`, async () =>
    JSON.stringify(await stage.conditions(host)) === JSON.stringify(expected) ? true : null,
  );

describe('what a cluster runs', () => {
  test('shows as workloads, with owners, budgets and requests, and follows each change', async () => {
    cluster.pod('web-1', 'a', {
      requests: { cpu: '1500m', memory: '1Gi', 'hugepages-1Gi': '2Gi', 'nvidia.com/gpu': '1' },
      spec: {
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
            ],
          },
        },
      },
    });
    cluster.pod('agent-x', 'a', { owner: { kind: 'DaemonSet', name: 'agent' } });
    cluster.pod('bare', null, { owner: null });
    await stage.seen('web-1 RUNNING on a', 'agent-x RUNNING on a', 'bare PENDING on none');
    cluster.budget('web-budget', 'web', 2); // protects pods that were there before it
    const rows = await eventually('protected', async () => {
      const found = await findAllWorkloads(stage.dataSource);
      return found.some(row => row.disruptionGroup !== null) && found;
    });
    expect(rows.find(row => row.name === 'web-1')).toMatchObject({
      id: cluster.get('pods', 'web-1', 'shop').metadata.uid,
      namespace: 'shop',
      migratable: true,
      stays: false,
      antiAffinityGroup: 'shop/app=web',
      disruptionGroup: 'shop/web-budget',
      cpus: 1.5,
      memoryMiB: 1_024,
      hugePagesMiB: 2_048,
      gpus: 1,
      since: '2026-01-01T00:00:01.000Z',
    });
    expect(rows.find(row => row.name === 'agent-x')).toMatchObject({ stays: true });
    expect(rows.find(row => row.name === 'bare')).toMatchObject({ migratable: false });
    cluster.change(
      'pods',
      'bare',
      pod => Object.assign(pod, { spec: { ...pod.spec, nodeName: 'b' }, status: { phase: 'Failed' } }),
      'shop',
    );
    cluster.remove('pods', 'web-1', 'shop'); // its ReplicaSet starts another
    await stage.seen('bare FAILED on b');
    await eventually('replaced', async () => !(await stage.sight()).some(line => line.startsWith('web-1 ')));
    expect(await stage.sight()).toHaveLength(3);
  });

  test('is on the host that a node is by name, else by address, else by its annotation', async () => {
    cluster.node('node-7', { status: { addresses: [{ type: 'InternalIP', address: '10.7.7.7' }] } });
    cluster.node('node-8', { annotations: { 'murmuration.io/management-mac': '02:AA:00:00:00:08' } });
    cluster.node('stranger');
    for (const node of ['node-7', 'node-8', 'stranger']) cluster.pod(`on-${node}-x`, node);
    await stage.host({ hostname: 'seven', managementIp: '10.7.7.7' });
    await stage.host({ hostname: 'eight', managementMac: '02:aa:00:00:00:08', managementIp: '10.8.8.8' });
    await stage.seen('on-node-7-x RUNNING on seven', 'on-node-8-x RUNNING on eight', 'on-stranger-x RUNNING on none');
  });

  test('is forgotten when the region no longer has a cluster', async () => {
    cluster.pod('web-1', 'a');
    cluster.change('nodes', 'a', node =>
      Object.assign(node.status.conditions[0], { status: 'False', message: 'PLEG' }),
    );
    await stage.seen('web-1 RUNNING on a');
    await conditioned(a!, '200.006.process=kubelet: Kubernetes node a is not ready: PLEG');
    await stage.shut();
    await stage.open({});
    expect(await stage.sight()).toEqual([]);
    expect(await stage.conditions(a!)).toEqual([]);
  });
});

describe("a node's conditions", () => {
  test('are conditions of its host while that is in service, and go when they do', async () => {
    const pressure = (status: string) => ({ type: 'MemoryPressure', status, reason: 'KubeletHasInsufficientMemory' });
    cluster.change('nodes', 'b', node => node.status.conditions.push(pressure('True')));
    const said = '100.103.memory=kubelet: Kubernetes node b is short of memory: KubeletHasInsufficientMemory';
    await conditioned(b!, said);
    await stage.set(b!, 'UNLOCKED', 'DISABLED', 'OFFLINE'); // its node is expected to be in no good state
    await conditioned(b!);
    await stage.set(b!, 'UNLOCKED', 'ENABLED', 'AVAILABLE');
    await conditioned(b!, said);
    cluster.change('nodes', 'b', node => node.status.conditions.splice(1, 1, pressure('False')));
    await conditioned(b!);
  });
});

describe('following', () => {
  test.each(['END', 'RESET'] as const)('goes on where it was when watches %s', async how => {
    cluster.pod('one-x', 'a');
    await stage.seen('one-x RUNNING on a');
    const listed = lists();
    let looks = 0;
    await eventually('goes on from a bookmark', () => {
      if (api.watchesOf('nodes').at(-1) === String(cluster.version)) return true;
      if (looks++ % 2 === 0)
        api.bookmark(); // nodes had no event since, yet need not begin at the start
      else api.endWatches(how);
      return false;
    });
    cluster.pod('two-x', 'b');
    await stage.seen('one-x RUNNING on a', 'two-x RUNNING on b');
    expect(lists()).toBe(listed);
  });

  test('begins anew with a list, in pages, when its position is too old', async () => {
    for (let n = 0; n < 5; n++) cluster.pod(`pod-${n}`, 'a');
    await stage.seen('pod-4 RUNNING on a');
    api.hold(true);
    cluster.remove('pods', 'pod-4', 'shop'); // is not told: only the list shows it
    api.pageSize = 2;
    cluster.compact();
    api.endWatches('RESET');
    await eventually('gone', async () => !(await stage.sight()).some(line => line.startsWith('pod-4 ')));
    expect(api.seen.filter(each => each.query.get('continue')).length).toBeGreaterThan(0);
  });

  test('outlives an API that fails: what was known stays, and what came meanwhile is there afterwards', async () => {
    cluster.pod('one-x', 'a');
    await stage.seen('one-x RUNNING on a');
    api.refuse(503);
    api.endWatches('RESET');
    cluster.pod('two-x', 'b');
    await eventually('refused', () => api.watchesOf('pods').length > 3);
    expect(await stage.sight()).toEqual(['one-x RUNNING on a']);
    expect((await stage.evacuate(a!)).blockedBy).toEqual([
      expect.stringMatching(/^Region lagos-1's Kubernetes API cannot be used: /),
    ]);
    api.refuse(null);
    await stage.seen('two-x RUNNING on b');
  });
});

describe('a node that is emptied', () => {
  test('is cordoned first, keeps what a budget protects until its like runs elsewhere, and what belongs to it', async () => {
    cluster.budget('web-budget', 'web', 1);
    cluster.pod('web-1', 'a');
    cluster.pod('agent-x', 'a', { owner: { kind: 'DaemonSet', name: 'agent' } });
    cluster.pod('static-a', 'a', {
      owner: { kind: 'Node', name: 'a' },
      annotations: { 'kubernetes.io/config.mirror': 'x' },
    });
    cluster.pod('done-x', 'a', { owner: { kind: 'Job', name: 'done' }, status: { phase: 'Succeeded' } });
    const first = await stage.evacuate(a!);
    expect(first).toEqual({
      done: false,
      remaining: 1,
      blockedBy: [
        "shop/web-1 cannot be evicted now: Cannot evict pod as it would violate the pod's disruption budget. The disruption budget web-budget needs 1 healthy pods and has 1 currently.",
      ],
    });
    expect(isCordoned('a')).toBe(true);
    const order = api.seen.filter(each => each.method !== 'GET').map(each => each.method);
    expect(order).toEqual(['PATCH', 'POST']);
    cluster.pod('web-2', 'b');
    expect(await stage.evacuate(a!)).toMatchObject({ blockedBy: [] });
    expect(await stage.evacuate(a!)).toEqual({ done: true, remaining: 0, blockedBy: [] });
    const left = cluster
      .list('pods')
      .filter(pod => pod.spec.nodeName === 'a')
      .map(pod => pod.metadata.name);
    expect(left).toEqual(['agent-x', 'static-a', 'done-x']);
    const eviction = api.seen.find(each => each.path.endsWith('/eviction'))!.body;
    expect(eviction.deleteOptions).toMatchObject({ gracePeriodSeconds: 7, preconditions: { uid: expect.any(String) } });
  });

  test('is done when the last pod has ended, not when it was asked to', async () => {
    cluster.pods('LINGERS');
    cluster.pod('web-1', 'a');
    for (let n = 0; n < 3; n++) expect(await stage.evacuate(a!)).toEqual({ done: false, remaining: 1, blockedBy: [] });
    expect(api.seen.filter(each => each.path.endsWith('/eviction'))).toHaveLength(1);
    cluster.end();
    expect(await stage.evacuate(a!)).toMatchObject({ done: true });
  });

  test('by force loses a pod that nobody starts again, against every budget', async () => {
    cluster.budget('web-budget', 'web', 5);
    cluster.pod('web-1', 'a');
    cluster.pod('bare', 'a', { owner: null });
    expect((await stage.evacuate(a!)).blockedBy).toEqual([
      'shop/bare has no controller that would start it elsewhere: delete it, or use force.',
      expect.stringContaining('shop/web-1 cannot be evicted now'),
    ]);
    await stage.evacuate(a!, true);
    expect(await stage.evacuate(a!, true)).toMatchObject({ done: true });
    expect(cluster.list('pods').map(pod => pod.spec.nodeName)).toEqual(['b']);
  });

  test('of a forced lock that the API did not hear is empty once it does', async () => {
    cluster.pod('web-1', 'a');
    await stage.seen('web-1 RUNNING on a');
    api.refuse(503);
    expect(await stage.evacuate(a!, true)).toMatchObject({ done: false });
    await stage.set(a!, 'LOCKED', 'DISABLED', 'ONLINE'); // by force: it does not wait
    api.refuse(null);
    await eventually('elsewhere', () => cluster.list('pods').every(pod => pod.spec.nodeName === 'b'));
    expect(isCordoned('a')).toBe(true);
  });

  test('of the only node ends its pods in good order, whatever the budgets say', async () => {
    cluster.remove('nodes', 'b');
    cluster.budget('web-budget', 'web', 1);
    cluster.pod('web-1', 'a');
    await stage.empty(a!);
    expect(api.seen.find(each => each.method === 'DELETE')?.body).toMatchObject({ gracePeriodSeconds: 7 });
    expect(cluster.list('pods').map(pod => pod.status.phase)).toEqual(['Pending']);
  });

  test('whose node changed meanwhile is tried again', async () => {
    api.hold(true);
    cluster.change('nodes', 'a', node => Object.assign(node.metadata.labels, { rack: '7' }));
    expect(await stage.evacuate(a!)).toEqual({ done: false, remaining: 1, blockedBy: [] });
    expect(isCordoned('a')).toBe(false);
    api.hold(false);
    await stage.empty(a!);
    expect(nodeOf('a')).toMatchObject({ metadata: { labels: { rack: '7' } }, spec: { unschedulable: true } });
  });
});

describe('a cordon', () => {
  const lapse = async (): Promise<void> => {
    stage.pass(30_000);
    await eventually('lapsed', async () => (await stage.evacuations()).length === 0);
  };

  test('stays while the host is locked and until it is enabled again; that of somebody else stays for ever', async () => {
    cluster.change('nodes', 'b', node => Object.assign(node.spec, { unschedulable: true }));
    await conditioned(
      b!,
      '900.701: Kubernetes node b takes no new pods: somebody cordoned it outside of host management.',
    );
    await stage.empty(a!);
    await stage.empty(b!);
    for (const host of [a!, b!]) await stage.set(host, 'LOCKED', 'DISABLED', 'ONLINE');
    await lapse();
    for (const host of [a!, b!]) await stage.set(host, 'UNLOCKED', 'DISABLED', 'OFFLINE');
    // once this is seen, the cordons were looked at again; it stays where a look from before the unlock ends all others
    cluster.pod('tick-x', 'a', { owner: { kind: 'DaemonSet', name: 'tick' } });
    await stage.seen('tick-x RUNNING on a');
    expect([isCordoned('a'), isCordoned('b')]).toEqual([true, true]);
    for (const host of [a!, b!]) await stage.set(host, 'UNLOCKED', 'ENABLED', 'AVAILABLE');
    await cordoned('a', false);
    expect(nodeOf('a').metadata.annotations).not.toHaveProperty(CORDON_ANNOTATION);
    expect(isCordoned('b')).toBe(true);
  });

  test('of an evacuation that was given up while its region was down is lifted', async () => {
    await stage.evacuate(a!);
    await stage.shut();
    await stage.open(settings);
    expect(isCordoned('a')).toBe(true); // it may yet go on
    await lapse();
    await cordoned('a', false);
  });

  test('is not made on the node of a host that was never in service: its pods are none of ours', async () => {
    const stranger = await stage.host({ hostname: 'c', personality: null });
    expect(stranger).toMatchObject({ administrative: 'LOCKED', provisioning: 'UNPROVISIONED' });
    cluster.node('c');
    cluster.pod('theirs-x', 'c');
    await stage.seen('theirs-x RUNNING on c');
    cluster.pod('tick-x', 'a');
    await stage.seen('tick-x RUNNING on a'); // looked at again
    expect(isCordoned('c')).toBe(false);
    expect(cluster.get('pods', 'theirs-x', 'shop').spec.nodeName).toBe('c');
  });

  test('of a host that was locked while its region was down is made when it is back', async () => {
    await stage.shut();
    await stage.set(a!, 'LOCKED', 'DISABLED', 'ONLINE');
    await stage.open(settings);
    await cordoned('a');
    cluster.change('nodes', 'a', node => {
      delete node.spec.unschedulable; // by a hand that did not know
    });
    await cordoned('a');
  });
});

describe('settings', () => {
  test.each([
    [{ kubeconfig: '/nowhere/config' }, /^kubernetes\.lagos-1\.kubeconfig: cannot be read: /],
    [{ inCluster: true }, /^kubernetes\.lagos-1\.inCluster: /],
  ])('that cannot work are refused at the start: %o', async (wrong, message) => {
    await stage.shut();
    await expect(stage.open({ kubernetes: { 'lagos-1': wrong } })).rejects.toThrow(message);
  });
});
