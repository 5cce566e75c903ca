// The pure parts of the Kubernetes adapter: quantities, selectors, which host a node is, and when it is cordoned.
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../runtime/config.ts';
import {
  CORDON_ANNOTATION,
  cordonPatch,
  cordonStep,
} from '../../../subgraphs/edge/inventory/workloads/kubernetes/cordon.ts';
import {
  NodeObject,
  PodObject,
  selects,
} from '../../../subgraphs/edge/inventory/workloads/kubernetes/kubernetes-objects.ts';
import { reasonOf } from '../../../subgraphs/edge/inventory/workloads/kubernetes/kubernetes-refusal.ts';
import { matchNodes } from '../../../subgraphs/edge/inventory/workloads/kubernetes/node-host.ts';
import { workloadOf } from '../../../subgraphs/edge/inventory/workloads/kubernetes/pod-workload.ts';
import { mebibytes, quantity } from '../../../subgraphs/edge/inventory/workloads/kubernetes/quantity.ts';

const aNode = (name: string, { annotations = {}, unschedulable = false, ip = '' } = {}): NodeObject =>
  NodeObject.parse({
    metadata: { name, uid: name, resourceVersion: '7', annotations },
    spec: { unschedulable },
    status: { addresses: [{ type: 'InternalIP', address: ip }] },
  });

test.each([
  ['1', 1],
  ['500m', 0.5],
  ['1.5', 1.5],
  ['2Gi', 2 ** 31],
  ['1e3', 1_000],
  ['1E', 1e18],
  ['128974848', 128_974_848],
  ['100n', 1e-7],
  ['', 0],
  ['nonsense', 0],
  [undefined, 0],
])('the quantity %s is %d', (text, number) => {
  expect(quantity(text)).toBeCloseTo(number, 9);
});

test('mebibytes are rounded up', () => {
  expect([mebibytes('1Gi'), mebibytes('1'), mebibytes('1M')]).toEqual([1_024, 1, 1]);
});

describe('a selector', () => {
  const labels = { app: 'web', tier: 'front' };
  test.each<[string, Parameters<typeof selects>[0], boolean]>([
    ['that is not there', undefined, false],
    ['without terms', {}, true],
    ['of other labels', { matchLabels: { app: 'db' } }, false],
    ['of its labels', { matchLabels: { app: 'web', tier: 'front' } }, true],
    ['In', { matchExpressions: [{ key: 'app', operator: 'In', values: ['db', 'web'] }] }, true],
    ['NotIn', { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false],
    [
      'NotIn, of a label that is not there',
      { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] },
      true,
    ],
    ['Exists', { matchExpressions: [{ key: 'zone', operator: 'Exists' }] }, false],
    ['DoesNotExist', { matchExpressions: [{ key: 'zone', operator: 'DoesNotExist' }] }, true],
    ['of both kinds', { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'zone', operator: 'Exists' }] }, false],
  ])('%s', (_, selector, expected) => {
    expect(selects(selector, labels)).toBe(expected);
  });
});

describe('the host of a node', () => {
  const aHost = (id: string, hostname: string | null, managementIp: string | null = null) => ({
    id,
    hostname,
    managementIp,
    managementMac: null,
    ports: null,
  });

  test('is the one with its name, though another has its address; a host is one node at most', () => {
    const hosts = [aHost('1', 'other', '10.0.0.1'), aHost('2', 'Compute-0')];
    const nodes = [
      aNode('compute-0', { ip: '10.0.0.1' }),
      aNode('moved', { ip: '10.0.0.1' }),
      aNode('double', { ip: '10.0.0.1' }),
    ];
    expect([...matchNodes(nodes, hosts)]).toEqual([
      ['compute-0', '2'],
      ['double', '1'],
    ]);
  });

  test('is none when a nameless host has no address', () => {
    expect(matchNodes([aNode('compute-0')], [aHost('1', null)]).size).toBe(0);
  });
});

describe('a cordon', () => {
  const ours = { [CORDON_ANNOTATION]: 'lagos-1' };
  const taken = { provisioning: 'PROVISIONED', evacuating: false } as const;
  const locked = { ...taken, administrative: 'LOCKED', operational: 'DISABLED' } as const;
  const unknown = { ...locked, provisioning: 'UNPROVISIONED' } as const;
  const evacuating = { ...taken, administrative: 'UNLOCKED', operational: 'ENABLED', evacuating: true } as const;
  const booting = { ...taken, administrative: 'UNLOCKED', operational: 'DISABLED' } as const;
  const serving = { ...taken, administrative: 'UNLOCKED', operational: 'ENABLED' } as const;
  const open = aNode('n');
  const closed = aNode('n', { unschedulable: true, annotations: ours });
  const foreign = aNode('n', { unschedulable: true });
  const opened = aNode('n', { annotations: ours }); // uncordoned by hand: the annotation is left over

  test.each([
    ['locked', locked, ['CORDON', null, null, 'CORDON']],
    ['locked, and was never in service', unknown, [null, null, null, null]],
    ['emptied', evacuating, ['CORDON', null, null, 'CORDON']],
    ['booting', booting, [null, null, null, null]],
    ['in service', serving, [null, 'UNCORDON', null, 'UNCORDON']],
  ])('of a host that is %s', (_, host, steps) => {
    expect([open, closed, foreign, opened].map(node => cordonStep(node, host))).toEqual(steps);
  });

  test('is set and taken back with its mark, and only on the node as it was seen', () => {
    expect(cordonPatch(open, 'CORDON', 'lagos-1')).toEqual({
      metadata: { annotations: ours, resourceVersion: '7' },
      spec: { unschedulable: true },
    });
    expect(cordonPatch(closed, 'UNCORDON', 'lagos-1')).toEqual({
      metadata: { annotations: { [CORDON_ANNOTATION]: null }, resourceVersion: '7' },
      spec: { unschedulable: null },
    });
  });
});

test.each([
  [
    'crashes again and again',
    { phase: 'Running', containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
    'FAILED',
  ],
  ['is of a lost node', { phase: 'Unknown' }, 'FAILED'],
  ['has ended well', { phase: 'Succeeded' }, 'STOPPED'],
  ['says nothing yet', undefined, 'FAILED'],
  ['waits for a node', { phase: 'Pending' }, 'PENDING'],
])('a pod that %s', (_, status, state) => {
  const pod = PodObject.parse({
    metadata: { name: 'x', namespace: 'y', uid: 'z' },
    spec: { containers: [{}] },
    status,
  });
  expect(workloadOf(pod, null, [])).toMatchObject({ state, since: '1970-01-01T00:00:00.000Z', cpus: 0, memoryMiB: 0 });
});

const said = (message: string, body?: unknown): object => Object.assign(new Error(message), { body });
const forbidden = 'nodes is forbidden: User "x" cannot list resource "nodes" in API group "" at the cluster scope';
test.each<[unknown, string]>([
  [
    said('HTTP-Code: 403\nMessage: Forbidden', JSON.stringify({ message: forbidden, details: { kind: 'nodes' } })),
    `${forbidden}.`,
  ],
  [
    said('x', { message: 'No.', details: { causes: [{ message: 'So it is' }, null, { reason: 'y' }] } }),
    'No. So it is.',
  ],
  [
    said('HTTP-Code: 502\nMessage: Unknown API Status Code!\nBody: "<html>"', '<html>'),
    'HTTP 502 Unknown API Status Code!',
  ],
  [said('HTTP-Code: 401\nMessage: Unauthorized\nBody: undefined'), 'HTTP 401 Unauthorized'],
  [said('connect ECONNREFUSED\nand more'), 'connect ECONNREFUSED'],
  ['a text', 'a text'],
])('why the API refuses is told in its own words: %o', (error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});

test.each<[object, RegExp]>([
  [{}, /kubernetes\.paris-1 .*: needs either kubeconfig, the path of a file, or inCluster: true/],
  [{ kubeconfig: 'x', inCluster: true }, /kubernetes\.paris-1 .*: needs either/],
  [{ kubeconfig: 'x', graceSeconds: -1 }, /kubernetes\.paris-1\.graceSeconds/],
  [{ kubeconfig: 'x', kubeConfig: 'y' }, /kubeConfig/],
])('settings of a cluster that cannot be are refused: %o', (settings, message) => {
  expect(() => loadConfig({ env: {}, flags: { kubernetes: { 'paris-1': settings } } })).toThrow(message);
});
