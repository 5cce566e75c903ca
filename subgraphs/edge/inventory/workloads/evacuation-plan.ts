// Which workloads may leave a host now, where each goes, and what keeps the others. Pure and deterministic: no two of an
// anti-affinity group share a host, no host is overbooked, and unless forced no disruption budget is broken.
import type { Resources, WorkloadKind, WorkloadState } from './workload.ts';

export interface PlannedHost {
  readonly id: string;
  readonly name: string;
  /** What it has for workloads in all. */
  readonly capacity: Resources;
  /** Unlocked, enabled, available, and not itself being emptied. */
  readonly takes: boolean;
  /** What is on it runs. */
  readonly runs: boolean;
}

export interface PlannedWorkload extends Resources {
  readonly id: string;
  readonly name: string;
  readonly kind: WorkloadKind;
  readonly state: WorkloadState;
  readonly hostId: string | null;
  readonly targetId: string | null;
  readonly migratable: boolean;
  readonly stays: boolean;
  readonly antiAffinityGroup: string | null;
  readonly disruptionGroup: string | null;
}

/** A region's hosts that may run workloads, and all its workloads. */
export interface Situation {
  readonly hosts: readonly PlannedHost[];
  readonly workloads: readonly PlannedWorkload[];
  /** The least that must stay available, by disruption group. */
  readonly budgets: ReadonlyMap<string, number>;
}

export interface Move {
  readonly workloadId: string;
  /** Null: it is stopped, and begins again once a host has room for it. */
  readonly targetId: string | null;
  /** It runs on while it moves; else it is stopped here and begins there. */
  readonly live: boolean;
}

export interface EvacuationPlan {
  /** To begin now. */
  readonly moves: readonly Move[];
  /** Why the others cannot leave now, a sentence each, by name. */
  readonly blockedBy: readonly string[];
  /** Workloads on the host that are not on their way yet, or still on it while they move, before these moves. */
  readonly remaining: number;
}

const HOLDS: ReadonlySet<WorkloadState> = new Set(['RUNNING', 'MIGRATING', 'PENDING']);
const SERVES: ReadonlySet<WorkloadState> = new Set(['RUNNING', 'MIGRATING']);

/** What is on a host and must leave it: what runs there or begins there. */
export const isToLeave = (workload: PlannedWorkload, hostId: string): boolean =>
  workload.hostId === hostId && !workload.stays && HOLDS.has(workload.state);

/** `force`: workloads are stopped here, without regard to budgets, and begin again where there is room. */
export function planEvacuation(situation: Situation, hostId: string, { force }: { force: boolean }): EvacuationPlan {
  const leaving = situation.workloads.filter(workload => isToLeave(workload, hostId)).sort(largestFirst);
  // the only host that may run workloads (simplex): there is nowhere to go, so locking it means stopping them
  const stop = force || situation.hosts.every(host => host.id === hostId);
  const places = bookedPlaces(situation, hostId);
  const spare = spareBudgets(situation);
  const moves: Move[] = [];
  const blocked: { readonly name: string; readonly reason: string }[] = [];
  for (const workload of leaving) {
    if (workload.state === 'MIGRATING' && !stop) continue; // on its way
    const live = isLive(workload) && !stop;
    const keeps = stop ? null : (boundReason(workload) ?? (live ? null : budgetReason(workload, spare, situation)));
    if (keeps !== null) {
      blocked.push({ name: workload.name, reason: keeps });
      continue;
    }
    const target = roomiest(places, workload);
    if (target === undefined && !stop) {
      blocked.push({ name: workload.name, reason: roomReason(workload, places) });
      continue;
    }
    if (target) book(target, workload);
    if (!live && serves(workload, situation)) spend(workload, spare);
    moves.push({ workloadId: workload.id, targetId: target?.host.id ?? null, live });
  }
  blocked.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { moves, blockedBy: blocked.map(({ reason }) => reason), remaining: leaving.length };
}

/** Places for workloads that have no host, as far as there is room; the largest first. */
export function planPlacement(situation: Situation): readonly Move[] {
  const places = bookedPlaces(situation, null);
  const waiting = situation.workloads.filter(w => w.state === 'PENDING' && w.hostId === null && !w.stays);
  return waiting.sort(largestFirst).flatMap(workload => {
    const target = roomiest(places, workload);
    if (!target) return [];
    book(target, workload);
    return [{ workloadId: workload.id, targetId: target.host.id, live: false }];
  });
}

interface Place {
  readonly host: PlannedHost;
  free: Resources;
  readonly groups: Set<string>;
}

/** The hosts that take workloads, with what is free on each. */
function bookedPlaces({ hosts, workloads }: Situation, except: string | null): Place[] {
  return hosts
    .filter(host => host.takes && host.id !== except)
    .map(host => {
      const place: Place = { host, free: host.capacity, groups: new Set() };
      for (const workload of workloads)
        if (HOLDS.has(workload.state) && (workload.hostId === host.id || workload.targetId === host.id))
          book(place, workload);
      return place;
    });
}

function book(place: Place, { cpus, memoryMiB, hugePagesMiB, gpus, antiAffinityGroup }: PlannedWorkload): void {
  place.free = {
    cpus: place.free.cpus - cpus,
    memoryMiB: place.free.memoryMiB - memoryMiB,
    hugePagesMiB: place.free.hugePagesMiB - hugePagesMiB,
    gpus: place.free.gpus - gpus,
  };
  if (antiAffinityGroup !== null) place.groups.add(antiAffinityGroup);
}

const RESOURCES = ['gpus', 'hugePagesMiB', 'memoryMiB', 'cpus'] as const satisfies readonly (keyof Resources)[];

const isApart = ({ groups }: Place, { antiAffinityGroup }: PlannedWorkload): boolean =>
  antiAffinityGroup === null || !groups.has(antiAffinityGroup);

const hasRoom = ({ free }: Place, workload: PlannedWorkload): boolean =>
  RESOURCES.every(resource => workload[resource] === 0 || free[resource] >= workload[resource]);

/** The place with the most free memory that takes the workload; of equal ones the first by name. */
function roomiest(places: readonly Place[], workload: PlannedWorkload): Place | undefined {
  return places
    .filter(place => isApart(place, workload) && hasRoom(place, workload))
    .sort(
      (a, b) => b.free.memoryMiB - a.free.memoryMiB || order(a.host.name, b.host.name) || order(a.host.id, b.host.id),
    )
    .at(0);
}

/** How many may still go, by disruption group. */
function spareBudgets(situation: Situation): Map<string, number> {
  const spare = new Map([...situation.budgets].map(([group, least]) => [group, -least]));
  for (const workload of situation.workloads) {
    const { disruptionGroup: group } = workload;
    if (group !== null && spare.has(group) && serves(workload, situation)) spare.set(group, spare.get(group)! + 1);
  }
  return spare;
}

const serves = ({ state, hostId }: PlannedWorkload, { hosts }: Situation): boolean =>
  SERVES.has(state) && hosts.some(host => host.id === hostId && host.runs);

function spend({ disruptionGroup: group }: PlannedWorkload, spare: Map<string, number>): void {
  if (group !== null && spare.has(group)) spare.set(group, spare.get(group)! - 1);
}

/** A virtual machine runs on while its memory is copied; a container is stopped here and begins there. */
const isLive = ({ kind, state, migratable }: PlannedWorkload): boolean =>
  kind === 'VM' && state === 'RUNNING' && migratable;

const boundReason = ({ name, migratable }: PlannedWorkload): string | null =>
  migratable ? null : `${name} cannot leave its host in good order: stop it, or use force.`;

function budgetReason(workload: PlannedWorkload, spare: Map<string, number>, situation: Situation): string | null {
  const { name, disruptionGroup: group } = workload;
  const left = group === null ? undefined : spare.get(group);
  if (left === undefined || left > 0 || !serves(workload, situation)) return null;
  const least = situation.budgets.get(group!)!;
  const available = left + least;
  const standing = available === 1 ? 'is the last available' : `is one of the last ${available} available`;
  return `${name} ${standing} of its disruption group ${group}; ${least} must stay.`;
}

const AMOUNT: Readonly<Record<keyof Resources, (amount: number) => string>> = {
  gpus: n => (n === 1 ? 'a GPU' : `${n} GPUs`),
  hugePagesMiB: n => `${n} MiB of huge pages`,
  memoryMiB: n => `${n} MiB of memory`,
  cpus: n => (n === 1 ? '1 CPU' : `${n} CPUs`),
};

function roomReason(workload: PlannedWorkload, places: readonly Place[]): string {
  const { name, antiAffinityGroup } = workload;
  if (places.length === 0) return `${name} has nowhere to go: no other host for workloads is in service.`;
  const apart = places.filter(place => isApart(place, workload));
  if (apart.length === 0)
    return `${name} has nowhere to go: every other host in service has one of its anti-affinity group ${antiAffinityGroup}.`;
  const missing = RESOURCES.find(
    resource => workload[resource] > 0 && apart.every(({ free }) => free[resource] < workload[resource]),
  );
  const what = missing === undefined ? 'all that it needs' : AMOUNT[missing](workload[missing]);
  return `${name} has nowhere to go: no other host in service has ${what} free.`;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function largestFirst(a: PlannedWorkload, b: PlannedWorkload): number {
  const larger = RESOURCES.map(resource => b[resource] - a[resource]).find(difference => difference !== 0);
  return larger ?? (order(a.name, b.name) || order(a.id, b.id));
}
