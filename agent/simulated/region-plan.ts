// Which hosts a simulated region has, by StarlingX's kinds of deployment. Says nothing of what they are made of.
import type { Personality } from '../report.ts';
import { createRandom, type Random } from './random.ts';

export interface HostSlot {
  readonly hostname: string;
  readonly personality: Personality;
  /** Position in the region, from 0. */
  readonly index: number;
  /** Position among the hosts of its personality, from 0: the number in the hostname. */
  readonly number: number;
  /** Runs workloads too: every worker, and the controllers of regions that are all-in-one. */
  readonly runsWorkloads: boolean;
}

export interface RegionPlan {
  readonly allInOne: boolean;
  readonly hosts: readonly HostSlot[];
  /** A host whose /var/lib/docker nobody has cleaned up; null for none. */
  readonly fullDiskOn: string | null;
}

interface Shape {
  readonly controllers: number;
  readonly workers: number;
  readonly storage: number;
}

/** The regions of the documentation and of `npm start` keep their shape whatever the seed: a standard and a duplex one. */
const FIXED: Readonly<Record<string, Shape & { readonly fullDiskOn: string }>> = {
  'lagos-1': { controllers: 2, workers: 3, storage: 1, fullDiskOn: 'compute-1' },
  'osaka-1': { controllers: 2, workers: 0, storage: 0, fullDiskOn: 'controller-1' },
};

export function planRegion(seed: number, region: string): RegionPlan {
  const random = createRandom(`${seed}/${region}/plan`);
  const fixed = FIXED[region];
  const shape = fixed ?? chooseShape(random);
  const hosts = toSlots(shape);
  const workers = hosts.filter(host => host.personality === 'WORKER');
  const seeded = random.chance(1 / 3) ? (workers.at(-1)?.hostname ?? null) : null;
  return { allInOne: isAllInOne(shape), hosts, fullDiskOn: fixed ? fixed.fullDiskOn : seeded };
}

/** Simplex, duplex or standard. */
function chooseShape(random: Random): Shape {
  const kind = random.next();
  if (kind < 0.25) return { controllers: 1, workers: 0, storage: 0 };
  if (kind < 0.5) return { controllers: 2, workers: random.int(0, 1), storage: 0 };
  const storage = random.int(0, 2);
  return { controllers: 2, workers: random.int(3, 5 - storage), storage };
}

const isAllInOne = ({ workers }: Shape): boolean => workers < 2;

function toSlots(shape: Shape): HostSlot[] {
  const row = (personality: Personality, name: string, count: number, runsWorkloads: boolean) =>
    Array.from({ length: count }, (_, number) => ({
      hostname: `${name}-${number}`,
      personality,
      number,
      runsWorkloads,
    }));
  return [
    ...row('CONTROLLER', 'controller', shape.controllers, isAllInOne(shape)),
    ...row('WORKER', 'compute', shape.workers, true),
    ...row('STORAGE', 'storage', shape.storage, false),
  ].map((slot, index) => ({ ...slot, index }));
}
