// The life of a host as one pure, total function: what a command or a report makes of it, or why a command is refused.
// Whatever is reported, in whatever order and however often, has an answer. docs/host-lifecycle.md is its table.
import { refusalOf } from './host-command.ts';
import type {
  AgentTaskKind,
  Call,
  Command,
  Effect,
  HostEvent,
  LifecycleState,
  Outcome,
  Report,
  Step,
  Surroundings,
} from './host-state.ts';

/** What the state becomes, and what else is to be done. */
export type Changed = Extract<Outcome, { refusal: null }>;

export function next(state: LifecycleState, event: HostEvent, around: Surroundings): Outcome {
  if (!isCommand(event)) return reported(state, event);
  const refusal = refusalOf(event.type, state, around);
  return refusal ? { refusal } : command(state, event.type, around);
}

const to = (state: LifecycleState, ...effects: readonly Effect[]): Changed => ({ refusal: null, state, effects });
const succeeded = (message: string): Effect => ({ type: 'END', result: 'SUCCEEDED', message });
const failed = (message: string): Effect => ({ type: 'END', result: 'FAILED', message });

const DISABLED = { operational: 'DISABLED', failure: null } as const;

// --- commands: given only when `refusalOf` has nothing against them ---

const isCommand = (event: HostEvent): event is { readonly type: Command } => event.type in COMMANDED;

function command(state: LifecycleState, action: Command, around: Surroundings): Changed {
  const given = COMMANDED[action](state, around, action);
  return state.job === null ? given : { ...given, effects: [failed(`Given up for ${action}.`), ...given.effects] };
}

type Commanded = (state: LifecycleState, around: Surroundings, action: Command) => Changed;

const COMMANDED: Readonly<Record<Command, Commanded>> = {
  LOCK: (state, _, action) =>
    state.operational === 'ENABLED'
      ? to({ ...state, job: { action, step: 'EVACUATING' } }, begin(['EVACUATE']))
      : lockedAtOnce(state),
  FORCE_LOCK: (state, around, action) =>
    state.operational === 'ENABLED'
      ? to(
          { ...locked(state), availability: 'OFFLINE', job: { action, step: 'RESTARTING' } },
          restart(around, ['EVACUATE_FORCED']),
        )
      : lockedAtOnce(state),
  UNLOCK: unlock,
  FORCE_UNLOCK: unlock,
  SWACT: swact,
  FORCE_SWACT: swact,
  REBOOT: (state, around, action) =>
    to(
      { ...state, availability: 'OFFLINE', job: { action, step: 'RESTARTING' } },
      state.availability === 'ONLINE' ? begin([], 'REBOOT') : restart(around),
    ),
  RESET: (state, _, action) =>
    to({ ...state, availability: 'OFFLINE', job: { action, step: 'RESTARTING' } }, begin(['RESET'])),
  POWER_ON: (state, _, action) =>
    to({ ...state, job: { action, step: 'POWERING_ON' } }, begin(['POWER_ON', 'AWAIT_ON'])),
  POWER_OFF: (state, _, action) =>
    to({ ...state, job: { action, step: 'POWERING_OFF' } }, begin(['POWER_OFF', 'AWAIT_OFF'])),
  REINSTALL: (state, { powerRefusal }, action) =>
    to(
      { ...state, availability: 'OFFLINE', job: { action, step: 'RESTARTING' } },
      powerRefusal === null ? begin(['BOOT_FROM_NETWORK', 'RESET']) : begin([], 'REINSTALL'),
    ),
  DELETE: state => to(state, begin([]), { type: 'REMOVE' }, succeeded('The host has been deleted.')),
  RECOVER_BY_REBOOT: (state, _, action) => to({ ...state, job: { action, step: 'RECOVERING' } }, begin([], 'REBOOT')),
  RECOVER_BY_RESET: (state, _, action) => to({ ...state, job: { action, step: 'RECOVERING' } }, begin(['RESET'])),
};

function begin(calls: readonly Call[], ...orders: readonly AgentTaskKind[]): Effect {
  return { type: 'BEGIN', calls, orders };
}

/** From outside where that can be done: it works whatever the host is busy with. */
function restart({ powerRefusal }: Surroundings, before: readonly Call[] = []): Effect {
  return powerRefusal === null ? begin([...before, 'RESET']) : begin(before, 'REBOOT');
}

/** Out of service already: nothing has to leave first. Its next beat tells whether it is ONLINE. */
const lockedAtOnce = (state: LifecycleState): Changed =>
  to(
    { ...locked(state), availability: state.availability === 'POWER_OFF' ? 'POWER_OFF' : 'OFFLINE', job: null },
    begin([]),
    succeeded('Locked; it was out of service already.'),
  );

function locked(state: LifecycleState): LifecycleState {
  const provisioning = state.provisioning === 'PROVISIONING' ? 'UNPROVISIONED' : state.provisioning;
  return { ...state, ...DISABLED, administrative: 'LOCKED', provisioning };
}

/** Its agent carries out what is pending and boots it; its BMC boots it when it is not heard of. */
function unlock(state: LifecycleState, around: Surroundings, action: Command): Changed {
  const byAgent = around.configurationWaits ? begin([], 'APPLY_CONFIGURATION', 'REBOOT') : begin([], 'REBOOT');
  const provisioning = state.provisioning === 'UNPROVISIONED' ? 'PROVISIONING' : state.provisioning;
  return to(
    {
      ...state,
      ...DISABLED,
      administrative: 'UNLOCKED',
      availability: 'OFFLINE',
      provisioning,
      job: { action, step: 'BOOTING' },
    },
    state.availability === 'ONLINE' ? byAgent : restart(around),
  );
}

function swact(state: LifecycleState): Changed {
  return to(state, begin([]), { type: 'HAND_OVER' }, succeeded('The other controller is active.'));
}

// --- reports ---

/** Reports are never refused; what they mean does not depend on the surroundings. */
export function reported(state: LifecycleState, event: Report): Changed {
  switch (event.type) {
    case 'HEARD':
      return heard(state);
    case 'BOOTED':
      return booted(state);
    case 'LATE':
      return to(state.availability === 'AVAILABLE' ? { ...state, availability: 'DEGRADED' } : state);
    case 'SILENT':
      return silent(state);
    case 'CONDITIONS':
      return to(enabledAs({ ...state, impaired: event.degraded }));
    case 'EVACUATED':
      return evacuated(state);
    case 'EVACUATION_FAILED':
      return state.job?.step === 'EVACUATING' ? gaveUp(state, event.reason) : to(state);
    case 'TASK_FAILED':
      return taskFailed(state, event.reason);
    case 'POWERED_ON':
      return to(state.availability === 'POWER_OFF' ? { ...state, availability: 'OFFLINE' } : state);
    case 'POWERED_OFF':
      return poweredOff(state);
    case 'FAILED':
      return failedBy(state, event.reason);
    case 'TIMED_OUT':
      return timedOut(state, event.reason);
  }
}

/** The job has ended as it should. */
const ended = (state: LifecycleState, message: string): Changed => to({ ...state, job: null }, succeeded(message));
/** The job has ended, and the host is as it is. */
const gaveUp = (state: LifecycleState, reason: string): Changed => to({ ...state, job: null }, failed(reason));

/** An enabled host is AVAILABLE, or DEGRADED while something degrades it; any other stays as it is. */
function enabledAs(state: LifecycleState): LifecycleState {
  return state.operational === 'ENABLED'
    ? { ...state, availability: state.impaired ? 'DEGRADED' : 'AVAILABLE' }
    : state;
}

const enabled = (state: LifecycleState): LifecycleState =>
  enabledAs({ ...state, operational: 'ENABLED', provisioning: 'PROVISIONED', failure: null });

/** A host that was told to boot again is still heard for a while: only its boot counts. */
function awaitsBoot({ job }: LifecycleState): boolean {
  return job !== null && (job.step === 'RESTARTING' || job.step === 'BOOTING');
}

function heard(state: LifecycleState): Changed {
  if (awaitsBoot(state)) return to(state);
  if (state.administrative === 'LOCKED') {
    const online: LifecycleState = { ...state, availability: 'ONLINE' };
    return state.job?.step === 'POWERING_ON' ? ended(online, 'It is on and has booted.') : to(online);
  }
  if (state.availability === 'FAILED') return to(state); // only a boot, or lock and unlock, mends what failed
  if (state.job?.step === 'TESTING') return ended(enabled(state), 'The host is in service.');
  if (state.job?.step === 'RECOVERING') return ended(enabled(state), 'The host came back without a boot.');
  return to(enabled(state));
}

function booted(state: LifecycleState): Changed {
  if (state.administrative === 'LOCKED') {
    const online: LifecycleState = { ...state, availability: 'ONLINE' };
    return awaitsBoot(state) || state.job?.step === 'POWERING_ON' ? ended(online, 'It has booted.') : to(online);
  }
  const testing: LifecycleState = { ...state, ...DISABLED, availability: 'INTEST' };
  if (state.job?.step === 'BOOTING') return to(inStep(testing, 'TESTING'), { type: 'SETTLE_CONFIGURATION' });
  return to(state.job?.step === 'RECOVERING' ? inStep(testing, 'TESTING') : testing);
}

const inStep = (state: LifecycleState, step: Step): LifecycleState => ({
  ...state,
  job: state.job && { ...state.job, step },
});

/** FAILED says more than OFFLINE, and POWER_OFF why: both stay. */
function silent(state: LifecycleState): Changed {
  const stays = state.availability === 'FAILED' || state.availability === 'POWER_OFF';
  return to(stays ? state : { ...state, operational: 'DISABLED', availability: 'OFFLINE' });
}

/** What went out of service while it was emptied is heard of, or not, after that. */
function evacuated(state: LifecycleState): Changed {
  if (state.job?.step !== 'EVACUATING') return to(state);
  const out = state.availability === 'POWER_OFF' ? 'POWER_OFF' : 'OFFLINE';
  return ended(
    { ...locked(state), availability: state.operational === 'ENABLED' ? 'ONLINE' : out },
    'The host is locked.',
  );
}

function taskFailed(state: LifecycleState, reason: string): Changed {
  switch (state.job?.step) {
    case 'BOOTING': // nothing has happened to the host: it is as it was before the unlock, or is taken as it is
      if (state.job.action === 'FORCE_UNLOCK') return to({ ...inStep(state, 'TESTING'), availability: 'INTEST' });
      return gaveUp({ ...locked(state), availability: 'OFFLINE' }, reason);
    case 'RESTARTING':
      return state.job.action === 'FORCE_LOCK'
        ? ended(state, `The host is locked, but was not booted again: ${reason}`)
        : gaveUp(state, reason);
    case 'POWERING_ON':
    case 'POWERING_OFF':
    case 'RECOVERING':
      return gaveUp(state, reason);
    default:
      return to(state);
  }
}

/** On its way through a boot the power may go off and on: that is no news. */
function poweredOff(state: LifecycleState): Changed {
  const step = state.job?.step;
  if (awaitsBoot(state) || step === 'POWERING_ON' || step === 'TESTING' || step === 'RECOVERING') return to(state);
  const off: LifecycleState = { ...state, ...DISABLED, availability: 'POWER_OFF' };
  return step === 'POWERING_OFF' ? ended(off, 'The host is powered off.') : to(off);
}

/** A locked host is out of service: nothing of it can fail. */
function failedBy(state: LifecycleState, reason: string): Changed {
  if (state.administrative === 'LOCKED') return to(state);
  const out: LifecycleState = { ...state, operational: 'DISABLED', availability: 'FAILED', failure: reason };
  return state.job?.step === 'BOOTING' || state.job?.step === 'TESTING' ? gaveUp(out, reason) : to(out);
}

function timedOut(state: LifecycleState, reason: string): Changed {
  switch (state.job?.step) {
    case 'BOOTING':
    case 'TESTING':
      return gaveUp({ ...state, operational: 'DISABLED', availability: 'FAILED', failure: reason }, reason);
    default:
      return state.job === null ? to(state) : gaveUp(state, reason);
  }
}
