// Every situation that a host can be in, found by walking the machine from where hosts begin, and the events of its tests.

import { next } from '../../../subgraphs/edge/inventory/lifecycle/host-lifecycle.ts';
import {
  COMMANDS,
  type HostEvent,
  type LifecycleState,
  type Report,
  type Surroundings,
} from '../../../subgraphs/edge/inventory/lifecycle/host-state.ts';

export const REPORTS: readonly Report[] = [
  { type: 'HEARD' },
  { type: 'LATE' },
  { type: 'SILENT' },
  { type: 'BOOTED' },
  { type: 'EVACUATED' },
  { type: 'EVACUATION_FAILED', reason: 'r' },
  { type: 'TASK_FAILED', reason: 'r' },
  { type: 'POWERED_ON' },
  { type: 'POWERED_OFF' },
  { type: 'FAILED', reason: 'r' },
  { type: 'CONDITIONS', degraded: true },
  { type: 'CONDITIONS', degraded: false },
  { type: 'TIMED_OUT', reason: 'r' },
];
export const EVENTS: readonly HostEvent[] = [...REPORTS, ...COMMANDS.map(type => ({ type }))];

/** A worker with everything, in a region with others. */
export const AROUND: Surroundings = {
  hostname: 'compute-0',
  personality: 'WORKER',
  managementMac: '02:00:00:00:00:01',
  controllerRole: null,
  simplex: false,
  peer: null,
  powerRefusal: null,
  storageRefusal: null,
  configurationWaits: false,
  configurationRefusals: [],
};
/** Surroundings in which, between them, each command is allowed in some state. */
export const ALL_AROUND: readonly Surroundings[] = [
  AROUND,
  { ...AROUND, powerRefusal: 'it has no BMC' },
  { ...AROUND, configurationWaits: true },
  {
    ...AROUND,
    personality: 'CONTROLLER',
    controllerRole: 'ACTIVE',
    peer: { hostname: 'controller-1', enabled: true, degraded: false, busy: false, outOfDate: false },
  },
  { ...AROUND, personality: 'CONTROLLER', controllerRole: 'ACTIVE', simplex: true },
];

export const DECLARED: LifecycleState = {
  administrative: 'LOCKED',
  operational: 'DISABLED',
  availability: 'OFFLINE',
  provisioning: 'UNPROVISIONED',
  impaired: false,
  failure: null,
  job: null,
};
export const IN_SERVICE: LifecycleState = {
  ...DECLARED,
  administrative: 'UNLOCKED',
  operational: 'ENABLED',
  availability: 'AVAILABLE',
  provisioning: 'PROVISIONED',
};
export const BEGINNINGS: readonly LifecycleState[] = [DECLARED, { ...DECLARED, availability: 'ONLINE' }, IN_SERVICE];

export const keyOf = (state: LifecycleState): string => JSON.stringify({ ...state, failure: state.failure !== null });

/** All states that any sequence of events leads to. */
export function reachable(): LifecycleState[] {
  const found = new Map(BEGINNINGS.map(state => [keyOf(state), state]));
  const queue = [...found.values()];
  for (let state = queue.shift(); state !== undefined; state = queue.shift())
    for (const around of ALL_AROUND)
      for (const event of EVENTS) {
        const outcome = next(state, event, around);
        if (outcome.refusal || found.has(keyOf(outcome.state))) continue;
        found.set(keyOf(outcome.state), outcome.state);
        queue.push(outcome.state);
      }
  return [...found.values()];
}
