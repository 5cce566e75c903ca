// The workloads that a simulated host comes with: decided by its name, the same for ever after. Mixed so that emptying a
// host shows what there is: machines that migrate, containers under a budget, an anti-affinity group, one that stays.
import { createHash } from 'node:crypto';
import type { WorkloadRow } from '../workload.ts';

export const SEEDED_BUDGETS: ReadonlyMap<string, number> = new Map([['shop/web', 1]]);

interface Model extends Partial<WorkloadRow> {
  readonly app: string;
  readonly namespace: string;
  readonly kind: WorkloadRow['kind'];
  readonly cpus: number;
  readonly memoryMiB: number;
  /** On which hosts, by the number in their name. */
  on(number: number): boolean;
}

const everywhere = (): boolean => true;

const MODELS: readonly Model[] = [
  {
    app: 'web',
    namespace: 'shop',
    kind: 'CONTAINER',
    cpus: 2,
    memoryMiB: 4_096,
    disruptionGroup: 'shop/web',
    on: everywhere,
  },
  { app: 'upf', namespace: 'ran', kind: 'VM', cpus: 4, memoryMiB: 1_024, hugePagesMiB: 4_096, on: everywhere },
  // on every other host, so that there is always one that it may go to
  {
    app: 'dns',
    namespace: 'net',
    kind: 'CONTAINER',
    cpus: 1,
    memoryMiB: 512,
    antiAffinityGroup: 'net/dns',
    on: n => n % 2 === 0,
  },
  { app: 'cache', namespace: 'shop', kind: 'CONTAINER', cpus: 1, memoryMiB: 8_192, on: n => n % 2 === 1 },
  {
    app: 'log-collector',
    namespace: 'platform',
    kind: 'CONTAINER',
    cpus: 0.25,
    memoryMiB: 256,
    stays: true,
    on: everywhere,
  },
];

export function seededWorkloads(
  region: string,
  host: { readonly id: string; readonly hostname: string },
  at: string,
): WorkloadRow[] {
  const number = Number(/\d+$/.exec(host.hostname)?.[0] ?? 0);
  return MODELS.filter(model => model.on(number)).map(({ app, on: _, ...model }) => ({
    id: uuidOf(`${region}/${host.hostname}/${app}`),
    hostId: host.id,
    targetId: null,
    name: `${app}-${host.hostname}`,
    state: 'RUNNING',
    source: 'SIMULATED',
    migratable: true,
    stays: false,
    antiAffinityGroup: null,
    disruptionGroup: null,
    hugePagesMiB: 0,
    gpus: 0,
    since: at,
    readyAt: null,
    ...model,
  }));
}

/** The same for the same name: RFC 9562 version 8. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
