// What the Kubernetes adapter needs of an API server, with the rights that its page names: the same against the simulator
// and, where MURMUR_TEST_KUBECONFIG leads to one, a real API server.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HostRow } from '../../../subgraphs/edge/inventory/hosts/host.ts';
import {
  type KubernetesClient,
  openKubernetesClient,
} from '../../../subgraphs/edge/inventory/workloads/kubernetes/kubernetes-client.ts';
import type { PodObject } from '../../../subgraphs/edge/inventory/workloads/kubernetes/kubernetes-objects.ts';
import { reasonOf, statusOf } from '../../../subgraphs/edge/inventory/workloads/kubernetes/kubernetes-refusal.ts';
import { openReflector } from '../../../subgraphs/edge/inventory/workloads/kubernetes/reflector.ts';
import type { AccessRule } from '../../support/kubernetes/rights.ts';
import { aTestCluster, type TestCluster } from '../../support/kubernetes/test-cluster.ts';
import { quiet } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';
import { aStage, type Stage } from './workload-stage.ts';

const PAGE = new URL('../../../docs/workloads.md', import.meta.url);
const role = /^\{ "apiVersion": "rbac[\s\S]*?^\}\s*$/m.exec(fs.readFileSync(PAGE, 'utf8'))![0];
const RULES: readonly AccessRule[] = JSON.parse(role).rules;
const RIGHTS = RULES.flatMap(({ verbs, resources: [on] }) => verbs.map(verb => ({ verb, on: on! })));
const without = (verb: string, on: string): AccessRule[] =>
  RULES.map(rule =>
    rule.resources[0] === on ? { ...rule, verbs: rule.verbs.filter(each => each !== verb) } : rule,
  ).filter(rule => rule.verbs.length > 0);

let cluster: TestCluster;
let kubeconfig: string;
beforeAll(async () => {
  cluster = await aTestCluster();
  kubeconfig = await cluster.account(RULES);
});
afterAll(() => cluster[Symbol.asyncDispose]());
afterEach(() => cluster.clear());

const clientOf = (file: string): Promise<KubernetesClient> =>
  openKubernetesClient('lagos-1', { kubeconfig: file, inCluster: false, graceSeconds: undefined });

describe('the client', () => {
  let client: KubernetesClient;
  beforeAll(async () => {
    client = await clientOf(kubeconfig);
  });
  const one = async (name: string): Promise<PodObject> =>
    (await client.podsOn('a')).find(pod => pod.metadata.name === name)!;

  test('lists in pages, and each object once', async () => {
    await Promise.all(Array.from({ length: 501 }, (_, n) => cluster.pod(`many-${n}`, null, { owner: null })));
    const first = await client.list('pods', '');
    expect(first).toMatchObject({
      continueAt: expect.stringMatching(/./),
      resourceVersion: expect.stringMatching(/./),
    });
    const second = await client.list('pods', first.continueAt);
    expect(second.continueAt).toBe('');
    expect(new Set([...first.objects, ...second.objects].map(pod => pod.metadata.name)).size).toBe(501);
  });

  test('watches on from a position, and is told each change once', async () => {
    await cluster.node('a');
    const { resourceVersion } = await client.list('nodes', '');
    const told: string[] = [];
    let position = resourceVersion;
    const follow = () =>
      client.watch('nodes', position, event => {
        if (event.type === 'SAVED' || event.type === 'DELETED')
          told.push(`${event.object.metadata.name} ${event.type}`);
        if ('resourceVersion' in event) position = event.resourceVersion;
      });
    const watch = follow();
    await cluster.patch('nodes', 'a', { spec: { unschedulable: true } });
    await eventually('told', () => told.length === 1);
    watch.close();
    await watch.ended;
    await cluster.remove('nodes', 'a');
    const again = follow();
    await eventually('told', () => told.length === 2);
    again.close();
    expect(told).toEqual(['a SAVED', 'a DELETED']);
  });

  test('is refused with the status and the words of the API', async () => {
    const node = await cluster.node('a');
    await cluster.patch('nodes', 'a', { metadata: { labels: { rack: '7' } } });
    const { resourceVersion } = node.metadata;
    const stale = await client.patchNode('a', { metadata: { resourceVersion }, spec: {} }).catch(error => error);
    expect(statusOf(stale)).toBe(409);
    expect(reasonOf(stale)).toMatch(/^Operation cannot be fulfilled on nodes "a": the object has been modified/);
    const nowhere = await client.patchNode('nowhere', {}).catch(error => error);
    expect([statusOf(nowhere), reasonOf(nowhere)]).toEqual([404, 'nodes "nowhere" not found.']);
    await cluster.pod('web-1', 'a');
    const pod = await one('web-1');
    const other = { ...pod, metadata: { ...pod.metadata, uid: '00000000-0000-0000-0000-000000000000' } };
    for (const end of [client.evict, client.remove])
      expect(statusOf(await end(other, undefined).catch(error => error))).toBe(409);
    expect((await one('web-1')).metadata.deletionTimestamp).toBeUndefined();
  });

  test('takes a token that was renewed in its file, and none from a file that is half written', async () => {
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-kube-')), 'config');
    const good = fs.readFileSync(kubeconfig, 'utf8');
    fs.writeFileSync(file, good.replace(/"token":"[^"]+"/, '"token":"expired"'));
    const renewed = await clientOf(file);
    const refused = await renewed.list('nodes', '').catch(error => error);
    expect([statusOf(refused), reasonOf(refused)]).toEqual([401, 'HTTP 401 Unauthorized']);
    for (const text of [good, good.slice(0, 40)]) {
      fs.writeFileSync(file, text);
      expect(await renewed.list('nodes', '')).toMatchObject({ objects: [] });
      const first = await new Promise(resolve => renewed.watch('nodes', '', resolve));
      expect(first).toEqual({ type: 'OPENED' });
    }
    fs.rmSync(path.dirname(file), { recursive: true });
  });

  test('ends a pod with its grace, and at once without', async () => {
    await cluster.node('a');
    for (const name of ['web-1', 'web-2']) await cluster.pod(name, 'a');
    await client.evict(await one('web-1'), 7);
    await client.remove(await one('web-2'), 7);
    for (const pod of await client.podsOn('a')) expect(pod.metadata.deletionTimestamp).toEqual(expect.any(String));
    expect((await cluster.get('pods', 'web-1', 'shop')).metadata.deletionGracePeriodSeconds).toBe(7);
    await client.remove(await one('web-1'), 0);
    expect((await client.podsOn('a')).map(pod => pod.metadata.name)).toEqual(['web-2']);
  });
});

describe('a missing right is named', () => {
  test.each(RIGHTS)('$verb $on', async ({ verb, on }) => {
    await cluster.node('a');
    await cluster.pod('web-1', 'a');
    const client = await clientOf(await cluster.account(without(verb, on)));
    const kind = ({ nodes: 'nodes', pods: 'pods', poddisruptionbudgets: 'budgets' } as const)[on];
    if (kind && (verb === 'list' || verb === 'watch')) {
      const reflector = openReflector({ kind, client, log: quiet, random: () => 0, retryMs: 20 });
      const words = verb === 'list' ? `cannot list resource "${on}" in API group` : `${on}: 403 Forbidden`;
      await eventually(
        words,
        () => reflector.trouble?.includes(`cannot ${verb} `) && reflector.trouble.includes(words),
      );
      reflector.close();
      return;
    }
    const pod = (await (await clientOf(kubeconfig)).podsOn('a'))[0]!;
    const tries = {
      patch: () => client.patchNode('a', {}),
      delete: () => client.remove(pod, 0),
      create: () => client.evict(pod, 0),
    };
    const refused = await tries[verb as keyof typeof tries]().catch(error => error);
    expect(reasonOf(refused)).toContain(`cannot ${verb} resource "${on}" in API group`);
  });
});

describe('a region', () => {
  let stage: Stage;
  let [a, b]: HostRow[] = [];
  beforeAll(async () => {
    stage = await aStage();
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    for (const name of ['a', 'b']) await cluster.node(name);
    await stage.open({ kubernetes: { 'lagos-1': { kubeconfig } } });
    a = await stage.host({ hostname: 'a' });
    b = await stage.host({ hostname: 'b' });
  });
  afterEach(() => stage.reset());

  const isCordoned = async (name: string): Promise<boolean> =>
    (await cluster.get('nodes', name)).spec.unschedulable === true;
  const cordoned = (name: string, is = true) =>
    eventually(`${name} cordoned: ${is}`, async () => (await isCordoned(name)) === is || null);
  const pods = async (): Promise<string[]> =>
    (await cluster.list('pods'))
      .map(
        ({ metadata, spec }) => `${metadata.name} on ${spec.nodeName}${metadata.deletionTimestamp ? ', ending' : ''}`,
      )
      .sort();

  test("has the cluster's pods as workloads, and its nodes' conditions on its hosts", async () => {
    await cluster.pod('web-1', 'a', {
      requests: { cpu: '1500m', memory: '1Gi', 'hugepages-1Gi': '2Gi', 'nvidia.com/gpu': '1' },
    });
    await cluster.pod('web-2', null);
    await stage.seen('web-1 RUNNING on a', 'web-2 PENDING on none');
    await cluster.patchStatus('nodes', 'b', {
      conditions: [
        { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting.' },
      ],
    });
    await eventually('not ready', async () => (await stage.conditions(b!)).length === 1 || null);
    expect(await stage.conditions(b!)).toEqual([
      '200.006.process=kubelet: Kubernetes node b is not ready: Kubelet stopped posting.',
    ]);
    await cluster.patchStatus('pods', 'web-1', { phase: 'Failed' }, 'shop');
    await cluster.remove('pods', 'web-2', 'shop');
    await stage.seen('web-1 FAILED on a');
    await eventually('gone', async () => (await stage.sight()).length === 1 || null);
  });

  test('gets a host of a node that says its management MAC, once, and leaves others alone', async () => {
    await cluster.node('c', { annotations: { 'murmuration.io/management-mac': '02:AA:00:00:00:0C' } });
    await cluster.node('copy', { annotations: { 'murmuration.io/management-mac': '02:aa:00:00:00:0c' } });
    await cluster.node('wrong', { annotations: { 'murmuration.io/management-mac': 'eth0' } });
    await cluster.node('stranger');
    for (const node of ['c', 'copy', 'stranger']) await cluster.pod(`on-${node}-x`, node);
    const found = async () => (await stage.hosts()).filter(host => host.hostname === null);
    await eventually('found', async () => (await found()).length > 0 || null);
    await cluster.pod('tick-x', 'a');
    await stage.seen(
      'tick-x RUNNING on a',
      'on-c-x RUNNING on null',
      'on-copy-x RUNNING on none',
      'on-stranger-x RUNNING on none',
    );
    expect(await found()).toMatchObject([
      {
        managementMac: '02:aa:00:00:00:0c',
        personality: null,
        administrative: 'LOCKED',
        provisioning: 'UNPROVISIONED',
      },
    ]);
    expect(await isCordoned('c')).toBe(false); // nobody has adopted it
    const agents = await stage.host({ hostname: 'wrong' }); // an agent makes the host of another
    await cluster.pod('on-wrong-x', 'wrong');
    await stage.seen(`on-wrong-x RUNNING on ${agents.hostname}`);
  });

  test('empties a node: budgets hold, what belongs to the node stays, and it ends with the last pod', async () => {
    await cluster.pod('web-1', 'a');
    await cluster.budget('web-budget', 'web', 1, 0);
    await cluster.pod('free-1', 'a');
    await cluster.pod('agent-x', 'a', { owner: { kind: 'DaemonSet', name: 'agent' } });
    await cluster.pod('static-a', 'a', {
      owner: { kind: 'Node', name: 'a', apiVersion: 'v1' },
      annotations: { 'kubernetes.io/config.mirror': 'x' },
    });
    await cluster.pod('done-x', 'a', { owner: { kind: 'Job', name: 'done' }, status: { phase: 'Succeeded' } });
    await stage.seen('free-1 RUNNING on a');
    const held = {
      done: false,
      remaining: 2,
      blockedBy: [
        "shop/web-1 cannot be evicted now: Cannot evict pod as it would violate the pod's disruption budget. The disruption budget web-budget needs 1 healthy pods and has 1 currently.",
      ],
    };
    expect(
      await eventually('held', async () => (await stage.evacuate(a!)).remaining === 2 && stage.evacuate(a!)),
    ).toEqual(held);
    expect(await isCordoned('a')).toBe(true);
    await cluster.remove('poddisruptionbudgets', 'web-budget', 'shop');
    expect(await stage.evacuate(a!)).toEqual({ done: false, remaining: 2, blockedBy: [] });
    expect(await stage.evacuate(a!)).toEqual({ done: false, remaining: 2, blockedBy: [] });
    const stays = ['agent-x on a', 'done-x on a', 'static-a on a'];
    expect(await pods()).toEqual([...stays, 'free-1 on a, ending', 'web-1 on a, ending'].sort());
    for (const name of ['web-1', 'free-1']) await cluster.remove('pods', name, 'shop'); // as its kubelet does
    expect(await stage.evacuate(a!)).toEqual({ done: true, remaining: 0, blockedBy: [] });
    expect(await pods()).toEqual(stays);
  });

  test('empties a node by force: budgets, owners and graces do not count', async () => {
    await cluster.pod('web-1', 'a');
    await cluster.budget('web-budget', 'web', 1, 0);
    for (const name of ['bare', 'ending']) await cluster.pod(name, 'a', { owner: null });
    await stage.seen('bare RUNNING on a');
    await (await clientOf(kubeconfig)).remove(
      (await (await clientOf(kubeconfig)).podsOn('a')).find(pod => pod.metadata.name === 'ending')!,
      600,
    );
    await stage.empty(a!, true);
    expect(await pods()).toEqual([]);
  });

  test('ends what runs on its only node in good order, whatever the budgets say', async () => {
    await cluster.remove('nodes', 'b');
    await cluster.pod('web-1', 'a');
    await cluster.budget('web-budget', 'web', 1, 0);
    await stage.seen('web-1 RUNNING on a');
    await eventually(
      'ending',
      async () => (await stage.evacuate(a!)).blockedBy.length === 0 && (await pods())[0] === 'web-1 on a, ending',
    );
    await cluster.remove('pods', 'web-1', 'shop');
    expect(await stage.evacuate(a!)).toMatchObject({ done: true });
  });

  test('cordons the nodes of locked hosts, and lifts no cordon of others', async () => {
    await cluster.patch('nodes', 'b', { spec: { unschedulable: true } });
    await eventually('told', async () => (await stage.conditions(b!))[0]?.startsWith('900.701: Kubernetes node b'));
    for (const host of [a!, b!]) await stage.set(host, 'LOCKED', 'DISABLED', 'ONLINE');
    await cordoned('a');
    await cluster.patch('nodes', 'a', { spec: { unschedulable: null } }); // by a hand that did not know
    await cordoned('a');
    for (const host of [a!, b!]) await stage.set(host, 'UNLOCKED', 'ENABLED', 'AVAILABLE');
    await cordoned('a', false);
    expect((await cluster.get('nodes', 'a')).metadata.annotations ?? {}).toEqual({});
    expect(await isCordoned('b')).toBe(true);
  });
});
