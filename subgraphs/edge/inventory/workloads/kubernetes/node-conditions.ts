// What a node's conditions say is wrong with its host, as the catalogue has it. Pure.
import type { Condition } from '../../conditions/host-condition.ts';
import type { HostRow } from '../../hosts/host.ts';
import { isCordoned, isOurs } from './cordon.ts';
import type { NodeObject } from './kubernetes-objects.ts';

interface Rule {
  readonly type: string;
  /** What the condition says when all is well. */
  readonly well: 'True' | 'False';
  readonly alarmId: string;
  readonly instance: string;
  readonly what: string;
}

// instances of our own where an agent measures the same resource: the kubelet's opinion is an alarm beside the agent's
const RULES: readonly Rule[] = [
  { type: 'Ready', well: 'True', alarmId: '200.006', instance: '.process=kubelet', what: 'is not ready' },
  {
    type: 'MemoryPressure',
    well: 'False',
    alarmId: '100.103',
    instance: '.memory=kubelet',
    what: 'is short of memory',
  },
  {
    type: 'DiskPressure',
    well: 'False',
    alarmId: '100.104',
    instance: '.filesystem=kubelet',
    what: 'is short of disk space',
  },
  {
    type: 'PIDPressure',
    well: 'False',
    alarmId: '200.006',
    instance: '.process=kubelet-pids',
    what: 'is short of process ids',
  },
  { type: 'NetworkUnavailable', well: 'False', alarmId: '200.009', instance: '', what: 'has no working network' },
];
const LONGEST = 255;

/** A host that is out of service, or on its way, is expected to have a node that is not ready: nothing is wrong then. */
export function conditionsOf(
  node: NodeObject | undefined,
  host: Pick<HostRow, 'administrative' | 'operational'>,
): Condition[] {
  if (!node || host.administrative !== 'UNLOCKED' || host.operational !== 'ENABLED') return [];
  const found = RULES.flatMap(rule => {
    const said = node.status?.conditions?.find(({ type }) => type === rule.type);
    if (!said || said.status === rule.well) return [];
    const detail = said.message || said.reason || `${rule.type} is ${said.status}`;
    return [toCondition(rule, `Kubernetes node ${node.metadata.name} ${rule.what}: ${detail}`)];
  });
  return isCordoned(node) && !isOurs(node) ? [...found, cordonedElsewhere(node)] : found;
}

const toCondition = ({ alarmId, instance }: Pick<Rule, 'alarmId' | 'instance'>, text: string): Condition => ({
  alarmId,
  instance,
  severity: 'MAJOR',
  reasonText: text.slice(0, LONGEST),
});

const cordonedElsewhere = ({ metadata }: NodeObject): Condition =>
  toCondition(
    { alarmId: '900.701', instance: '' },
    `Kubernetes node ${metadata.name} takes no new pods: somebody cordoned it outside of host management.`,
  );
