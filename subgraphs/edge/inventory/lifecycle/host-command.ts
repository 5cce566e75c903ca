// Whether a host may be asked something now, and if not, why, in words for operators. Pure. The rules are StarlingX's
// (sysinv, semantic checks of host actions), as far as they do not speak of its upgrades.
import {
  type Command,
  type LifecycleState,
  OPERATOR_COMMANDS,
  type OperatorCommand,
  type Refusal,
  type Step,
  type Surroundings,
} from './host-state.ts';
import { nameOf, taskOf } from './host-words.ts';

/** Null when the command may be given. */
export function refusalOf(command: Command, state: LifecycleState, around: Surroundings): Refusal | null {
  return busy(command, state) ?? RULES[command](state, around);
}

export interface ActionAvailability {
  readonly action: OperatorCommand;
  readonly refusal: Refusal | null;
}

export const actionsOf = (state: LifecycleState, around: Surroundings): ActionAvailability[] =>
  OPERATOR_COMMANDS.map(action => ({ action, refusal: refusalOf(action, state, around) }));

/** Jobs that a command ends and takes the place of: the ways out of what may hang. */
const GIVES_UP: Readonly<Partial<Record<Command, readonly Step[]>>> = {
  LOCK: ['RECOVERING'],
  FORCE_LOCK: ['RECOVERING', 'EVACUATING', 'BOOTING', 'TESTING'],
};

function busy(command: Command, state: LifecycleState): Refusal | null {
  if (state.job === null || GIVES_UP[command]?.includes(state.job.step)) return null;
  return {
    code: 'HOST_BUSY',
    message: `${taskOf(state)} is under way: wait until it has ended${state.administrative === 'UNLOCKED' ? ', or lock with force' : ''}.`,
  };
}

type Rule = (state: LifecycleState, around: Surroundings) => Refusal | null;

const no = (code: Refusal['code'], message: string): Refusal => ({ code, message });

const firstOf =
  (...rules: readonly Rule[]): Rule =>
  (state, around) => {
    for (const rule of rules) {
      const refusal = rule(state, around);
      if (refusal) return refusal;
    }
    return null;
  };

const mustBeLocked: Rule = ({ administrative }) =>
  administrative === 'LOCKED' ? null : no('HOST_UNLOCKED', 'The host is unlocked: lock it first.');

const mustBeUnlocked: Rule = ({ administrative }) =>
  administrative === 'UNLOCKED' ? null : no('HOST_LOCKED', 'The host is locked already.');

const notSimplex: Rule = (_, { simplex }) =>
  simplex
    ? no(
        'HOST_IS_SIMPLEX',
        'The region consists of this host alone, and would go down with it: do it at the machine itself.',
      )
    : null;

const needsPower: Rule = (_, { powerRefusal }) =>
  powerRefusal === null ? null : no('POWER_UNAVAILABLE', `Its power cannot be switched: ${powerRefusal}.`);

/** By its agent or by its BMC. */
const canBeRestarted: Rule = ({ availability }, { powerRefusal }) =>
  availability === 'ONLINE' || powerRefusal === null
    ? null
    : no(
        'HOST_OFFLINE',
        `The host is not heard of, so its agent cannot be asked; nor can its power be switched: ${powerRefusal}.`,
      );

/** A controller that is out of service already has nothing to lose. */
const notActiveInService: Rule = ({ operational }, { controllerRole, simplex, peer }) => {
  if (controllerRole !== 'ACTIVE' || operational === 'DISABLED' || simplex) return null;
  return no(
    'HOST_IS_ACTIVE_CONTROLLER',
    peer
      ? `The host is the active controller: ${peer.enabled ? '' : `bring ${nameOf(peer)} into service and `}swact to ${peer.enabled ? nameOf(peer) : 'it'} first.`
      : 'The host is the only controller, and the other hosts of the region need it: add a second controller and swact to it first.',
  );
};

/** Ceph lives on hosts that are in service only. */
const notNeededByStorage: Rule = ({ operational }, { storageRefusal }) =>
  operational === 'DISABLED' || storageRefusal === null ? null : no('HOST_NEEDED_BY_STORAGE', storageRefusal);

const notActive: Rule = (_, { controllerRole, peer }) => {
  if (controllerRole !== 'ACTIVE') return null;
  const instead = peer ? `Bring ${nameOf(peer)} into service first: it then takes over.` : 'It is the only one.';
  return no(
    'HOST_IS_ACTIVE_CONTROLLER',
    `The host is the active controller: a region is never without one. ${instead}`,
  );
};

const complete: Rule = (_, { hostname, personality, managementMac }) => {
  const missing = [
    ...(personality === null ? ['a personality'] : []),
    ...(hostname === null ? ['a hostname'] : []),
    ...(managementMac === null ? ['a management MAC address'] : []),
  ];
  return missing.length === 0
    ? null
    : no('HOST_INCOMPLETE', `The host has not yet been given ${missing.join(' and ')}: see updateHost.`);
};

const online: Rule = ({ availability }) => {
  if (availability === 'ONLINE') return null;
  return availability === 'POWER_OFF'
    ? no('HOST_POWERED_OFF', 'The host is powered off: power it on first.')
    : no('HOST_OFFLINE', 'The host is not heard of: see that it is on, on the network, and that its agent runs.');
};

const configured: Rule = (_, { configurationRefusals }) =>
  configurationRefusals.length === 0 ? null : no('CONFIGURATION_REFUSED', configurationRefusals.join(' '));

const activeWithPeer: Rule = ({ administrative }, { controllerRole, peer }) => {
  if (controllerRole === null)
    return no('HOST_IS_NO_CONTROLLER', 'Only a controller can hand its part over; this host is none.');
  if (administrative === 'LOCKED') return no('HOST_LOCKED', 'The host is locked: it has no part to hand over.');
  if (controllerRole === 'STANDBY')
    return no(
      'HOST_IS_STANDBY_CONTROLLER',
      `The host is standby already${peer ? `: swact ${nameOf(peer)}, which is active` : ''}.`,
    );
  if (peer === null) return no('PEER_NOT_READY', 'The region has no second controller that could take over.');
  if (peer.busy) return no('PEER_NOT_READY', `${nameOf(peer)} cannot take over: a job of it is under way.`);
  return peer.enabled
    ? null
    : no('PEER_NOT_READY', `${nameOf(peer)} cannot take over: it is not unlocked and enabled.`);
};

const soundPeer: Rule = (_, { peer }) => {
  if (peer?.degraded)
    return no('PEER_NOT_READY', `${nameOf(peer)} is degraded: see to its alarms first, or swact with force.`);
  return peer?.outOfDate
    ? no(
        'PEER_NOT_READY',
        `${nameOf(peer)} runs with an old configuration: lock and unlock it first, or swact with force.`,
      )
    : null;
};

const notPoweredOff: Rule = ({ availability }) =>
  availability === 'POWER_OFF' ? no('HOST_POWERED_OFF', 'The host is powered off already.') : null;

const notRunning: Rule = ({ availability }) =>
  availability === 'ONLINE' ? no('HOST_POWERED_ON', 'The host is powered on already.') : null;

const outOfService: Rule = ({ administrative, operational, availability }) => {
  if (administrative === 'LOCKED') return no('HOST_LOCKED', 'The host is locked: only its operator brings it back.');
  if (operational === 'ENABLED' || availability === 'INTEST')
    return no('HOST_IN_SERVICE', 'The host is in service or on its way there.');
  return null;
};

const RULES: Readonly<Record<Command, Rule>> = {
  LOCK: firstOf(mustBeUnlocked, notActiveInService, notNeededByStorage),
  FORCE_LOCK: firstOf(mustBeUnlocked, notActiveInService, notNeededByStorage),
  UNLOCK: firstOf(alreadyUnlocked, complete, online, configured),
  FORCE_UNLOCK: firstOf(alreadyUnlocked, complete),
  SWACT: firstOf(activeWithPeer, soundPeer),
  FORCE_SWACT: activeWithPeer,
  REBOOT: firstOf(mustBeLocked, notSimplex, canBeRestarted),
  RESET: firstOf(mustBeLocked, notSimplex, needsPower),
  POWER_ON: firstOf(mustBeLocked, notSimplex, needsPower, notRunning),
  POWER_OFF: firstOf(mustBeLocked, notSimplex, needsPower, notPoweredOff),
  REINSTALL: firstOf(mustBeLocked, notSimplex, canBeRestarted),
  DELETE: firstOf(mustBeLocked, notActive),
  RECOVER_BY_REBOOT: outOfService,
  RECOVER_BY_RESET: firstOf(outOfService, needsPower),
};

function alreadyUnlocked({ administrative }: LifecycleState): Refusal | null {
  return administrative === 'LOCKED' ? null : no('HOST_UNLOCKED', 'The host is unlocked already.');
}
