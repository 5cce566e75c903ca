// The words of the host lifecycle: states, what can be asked of a host, what is reported of it, and what follows.
// docs/host-lifecycle.md is the specification; X.731 and StarlingX's maintenance are its sources.
import type { HostRefusalCode } from '../../../../schema/errors.ts';

/** The part of `Availability` that the lifecycle gives. */
export type LifecycleAvailability = 'AVAILABLE' | 'DEGRADED' | 'INTEST' | 'FAILED' | 'OFFLINE' | 'ONLINE' | 'POWER_OFF';

/** What operators may ask. */
export const OPERATOR_COMMANDS = [
  'LOCK',
  'FORCE_LOCK',
  'UNLOCK',
  'FORCE_UNLOCK',
  'SWACT',
  'FORCE_SWACT',
  'REBOOT',
  'RESET',
  'POWER_ON',
  'POWER_OFF',
  'REINSTALL',
  'DELETE',
] as const;
/** What the region asks by itself, of a host that failed. */
export const RECOVERY_COMMANDS = ['RECOVER_BY_REBOOT', 'RECOVER_BY_RESET'] as const;
export const COMMANDS = [...OPERATOR_COMMANDS, ...RECOVERY_COMMANDS] as const;

export type OperatorCommand = (typeof OPERATOR_COMMANDS)[number];
export type Command = (typeof COMMANDS)[number];

/** What the job of a host waits for. */
export const STEPS = [
  'EVACUATING', // its workloads leave
  'RESTARTING', // a locked host boots again
  'POWERING_ON', // the power is on, then the host is heard
  'POWERING_OFF', // the power is off
  'BOOTING', // an unlocked host boots on its way into service
  'TESTING', // it has booted: it is heard once more
  'RECOVERING', // a failed host boots again
] as const;
export type Step = (typeof STEPS)[number];

/** Work outside the database that a job asks for. May be done twice: a crash between doing and noting repeats it. */
export type Call =
  | 'EVACUATE'
  | 'EVACUATE_FORCED'
  | 'POWER_ON'
  | 'AWAIT_ON'
  | 'POWER_OFF'
  | 'AWAIT_OFF'
  | 'RESET'
  | 'BOOT_FROM_NETWORK';

/** What the host's agent is asked to do. */
export const AGENT_TASKS = ['REBOOT', 'REINSTALL', 'APPLY_CONFIGURATION'] as const;
export type AgentTaskKind = (typeof AGENT_TASKS)[number];

export interface LifecycleState {
  readonly administrative: 'LOCKED' | 'UNLOCKED';
  readonly operational: 'ENABLED' | 'DISABLED';
  readonly availability: LifecycleAvailability;
  readonly provisioning: 'UNPROVISIONED' | 'PROVISIONING' | 'PROVISIONED';
  /** Something that degrades a host is wrong with it. */
  readonly impaired: boolean;
  /** Why it is FAILED, for operators; null in any other availability. */
  readonly failure: string | null;
  /** The open job. */
  readonly job: { readonly action: Command; readonly step: Step } | null;
}

/** The other controller of the region. */
export interface Peer {
  readonly hostname: string | null;
  readonly enabled: boolean;
  readonly degraded: boolean;
  readonly busy: boolean;
  /** Configuration waits for its next unlock. */
  readonly outOfDate: boolean;
}

/** What decides about a host beside its own state. */
export interface Surroundings {
  readonly hostname: string | null;
  readonly personality: 'CONTROLLER' | 'WORKER' | 'STORAGE' | 'EDGEWORKER' | null;
  readonly managementMac: string | null;
  /** Null for a host that is no controller. */
  readonly controllerRole: 'ACTIVE' | 'STANDBY' | null;
  /** The region consists of this one controller. */
  readonly simplex: boolean;
  readonly peer: Peer | null;
  /** Why its power cannot be switched; null when it can. */
  readonly powerRefusal: string | null;
  /** Why the region's storage cannot do without it; null when it can. */
  readonly storageRefusal: string | null;
  /** Configuration waits for its unlock. */
  readonly configurationWaits: boolean;
  /** Why it cannot be unlocked as it is configured. */
  readonly configurationRefusals: readonly string[];
}

/** What is reported of a host. Reports are never refused; one that says nothing new changes nothing. */
export type Report =
  /** A beat. */
  | { readonly type: 'HEARD' }
  /** Beats are missing past the first threshold. */
  | { readonly type: 'LATE' }
  /** Beats are missing past the second threshold. */
  | { readonly type: 'SILENT' }
  /** It runs since another boot than before. */
  | { readonly type: 'BOOTED' }
  | { readonly type: 'EVACUATED' }
  | { readonly type: 'EVACUATION_FAILED'; readonly reason: string }
  /** Its agent or its BMC refused. */
  | { readonly type: 'TASK_FAILED'; readonly reason: string }
  | { readonly type: 'POWERED_ON' }
  | { readonly type: 'POWERED_OFF' }
  | { readonly type: 'FAILED'; readonly reason: string }
  /** Whether something is wrong that degrades a host. */
  | { readonly type: 'CONDITIONS'; readonly degraded: boolean }
  /** The step of its job took too long. `reason` says how long it was given. */
  | { readonly type: 'TIMED_OUT'; readonly reason: string };

export type HostEvent = Report | { readonly type: Command };

/** What follows from a change beside the new state; all but the calls of a job happen in the transaction of the change. */
export type Effect =
  /** Orders are given one after the other: the next once the agent has answered the one before. */
  | { readonly type: 'BEGIN'; readonly calls: readonly Call[]; readonly orders: readonly AgentTaskKind[] }
  | { readonly type: 'END'; readonly result: 'SUCCEEDED' | 'FAILED'; readonly message: string }
  /** What was pending is in effect since this boot, as far as the host could take it. */
  | { readonly type: 'SETTLE_CONFIGURATION' }
  /** The peer becomes the active controller. */
  | { readonly type: 'HAND_OVER' }
  | { readonly type: 'REMOVE' };

export interface Refusal {
  readonly code: HostRefusalCode;
  /** What is, and what to do. */
  readonly message: string;
}

export type Outcome =
  | { readonly refusal: null; readonly state: LifecycleState; readonly effects: readonly Effect[] }
  | { readonly refusal: Refusal };
