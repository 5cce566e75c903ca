// The pure parts of the Kubernetes adapter: quantities, selectors, which host a node is, and when it is cordoned.
import { describe, expect, test } from 'vitest';
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
  const locked = { administrative: 'LOCKED', operational: 'DISABLED', evacuating: false } as const;
  const evacuating = { administrative: 'UNLOCKED', operational: 'ENABLED', evacuating: true } as const;
  const booting = { administrative: 'UNLOCKED', operational: 'DISABLED', evacuating: false } as const;
  const serving = { administrative: 'UNLOCKED', operational: 'ENABLED', evacuating: false } as const;
  const open = aNode('n');
  const closed = aNode('n', { unschedulable: true, annotations: ours });
  const foreign = aNode('n', { unschedulable: true });
  const opened = aNode('n', { annotations: ours }); // uncordoned by hand: the annotation is left over

  test.each([
    ['locked', locked, ['CORDON', null, null, 'CORDON']],
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
