// The host lifecycle as a machine: no missing cell, no state without a way out, and what must hold whatever happens.
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../schema/sources.ts';
import { activeOf } from '../../../subgraphs/edge/inventory/lifecycle/controllers.ts';
import { actionsOf } from '../../../subgraphs/edge/inventory/lifecycle/host-command.ts';
import { next, reported } from '../../../subgraphs/edge/inventory/lifecycle/host-lifecycle.ts';
import {
  COMMANDS,
  type Effect,
  type HostEvent,
  type LifecycleState,
  type Surroundings,
} from '../../../subgraphs/edge/inventory/lifecycle/host-state.ts';
import { ALL_AROUND, AROUND, DECLARED, EVENTS, IN_SERVICE, keyOf, REPORTS, reachable } from './lifecycle-situations.ts';
import { lifecycleTable } from './lifecycle-table.ts';

const STATES = reachable();
const go = (state: LifecycleState, event: HostEvent, around: Surroundings = AROUND) => {
  const outcome = next(state, event, around);
  if (outcome.refusal) throw new Error(`${event.type} is refused: ${outcome.refusal.message}`);
  return outcome;
};
const along = (state: LifecycleState, ...events: readonly HostEvent['type'][]): LifecycleState =>
  events.reduce((now, type) => go(now, EVENTS.find(event => event.type === type)!).state, state);
const begins = (effects: readonly Effect[]) => effects.filter(({ type }) => type === 'BEGIN').length;
const ends = (effects: readonly Effect[]) => effects.filter(({ type }) => type === 'END').length;
const refusal = (state: LifecycleState, type: (typeof COMMANDS)[number], around: Partial<Surroundings> = {}) =>
  next(state, { type }, { ...AROUND, ...around }).refusal;

/** What is wrong with a state, whatever led to it. */
function faultsOf({ administrative, operational, availability, provisioning, failure, job, impaired }: LifecycleState) {
  const isEnabled = operational === 'ENABLED';
  return [
    isEnabled && administrative === 'LOCKED' && 'locked and enabled',
    isEnabled !== (availability === 'AVAILABLE' || availability === 'DEGRADED') && 'enabled and available differ',
    isEnabled && impaired && availability !== 'DEGRADED' && 'impaired and not degraded',
    availability === 'ONLINE' && administrative === 'UNLOCKED' && 'unlocked and only online',
    (availability === 'FAILED' || availability === 'INTEST') &&
      administrative === 'LOCKED' &&
      'locked and failed or in test',
    (availability === 'FAILED') !== (failure !== null) && 'failed without a reason, or a reason without failure',
    isEnabled && provisioning !== 'PROVISIONED' && 'in service and never provisioned',
    administrative === 'LOCKED' && provisioning === 'PROVISIONING' && 'locked on its way into service',
    administrative === 'LOCKED' &&
      job &&
      /EVACUATING|BOOTING|TESTING|RECOVERING/.test(job.step) &&
      'a step of unlocked hosts',
    administrative === 'UNLOCKED' && job && /RESTARTING|POWERING/.test(job.step) && 'a step of locked hosts',
  ].filter(Boolean);
}

describe('in each of its states', () => {
  test('every event has an answer, and leads to a sound state', () => {
    expect(STATES.length).toBeGreaterThan(60);
    for (const state of STATES) {
      expect({ state, faults: faultsOf(state) }).toEqual({ state, faults: [] });
      for (const around of ALL_AROUND)
        for (const event of EVENTS) {
          const outcome = next(state, event, around);
          if (outcome.refusal) expect(COMMANDS).toContain(event.type);
          else expect(faultsOf(outcome.state)).toEqual([]);
        }
    }
  });

  test('a job that is there afterwards began, and one that is gone ended: exactly one is open, or none', () => {
    for (const state of STATES)
      for (const around of ALL_AROUND)
        for (const event of EVENTS) {
          const outcome = next(state, event, around);
          if (outcome.refusal) continue;
          const open = (state.job ? 1 : 0) + begins(outcome.effects) - ends(outcome.effects);
          expect({ state, event, open }).toEqual({ state, event, open: outcome.state.job ? 1 : 0 });
        }
  });

  test('a report twice is the report once', () => {
    for (const state of STATES)
      for (const event of REPORTS.filter(({ type }) => type !== 'HEARD')) {
        const once = reported(state, event).state;
        const twice = reported(once, event);
        // a boot moves a job on to its test, and a second one is another boot
        if (once.job === null || once.job.step === state.job?.step) expect(keyOf(twice.state)).toBe(keyOf(once));
      }
  });

  test('a timeout ends its job', () => {
    for (const state of STATES) expect(reported(state, { type: 'TIMED_OUT', reason: 'r' }).state.job).toBeNull();
  });

  test('there is a way into service, and a way out of the region, for a host that boots and beats', () => {
    for (const start of STATES) {
      let state = reported(start, { type: 'TIMED_OUT', reason: 'r' }).state;
      state = along(state, 'BOOTED', 'HEARD');
      if (state.administrative === 'LOCKED') state = along(state, 'UNLOCK', 'BOOTED', 'HEARD');
      expect(state).toMatchObject({
        administrative: 'UNLOCKED',
        operational: 'ENABLED',
        provisioning: 'PROVISIONED',
        job: null,
      });
      expect(go(along(state, 'LOCK', 'EVACUATED'), { type: 'DELETE' }).effects).toContainEqual({ type: 'REMOVE' });
    }
  });

  test('an operator can end what hangs: by force, or because nothing is under way, or by waiting for a locked host', () => {
    for (const state of STATES)
      if (state.administrative === 'UNLOCKED') expect(refusal(state, 'FORCE_LOCK')).toBeNull();
  });

  test('a refused command says what to do, and `actions` says the same', () => {
    for (const state of STATES)
      for (const around of ALL_AROUND)
        for (const { action, refusal: said } of actionsOf(state, around)) {
          const outcome = next(state, { type: action }, around);
          expect(outcome.refusal).toEqual(said);
          if (said) expect(said.message).toMatch(/^[A-Z].{20,}\.$/);
        }
  });
});

test('the specification has the table of this machine', () => {
  const page = fs.readFileSync(path.join(packageRoot, 'docs/host-lifecycle.md'), 'utf8');
  const [, table] = /<!-- table -->\n([\s\S]*?)\n<!-- end -->/.exec(page) ?? [];
  expect(table).toBe(lifecycleTable());
});

test('any sequence of commands and reports, dropped, repeated, out of order, leaves a sound host and at most one open job', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(DECLARED, IN_SERVICE),
      fc.array(fc.tuple(fc.constantFrom(...EVENTS), fc.constantFrom(...ALL_AROUND)), { maxLength: 40 }),
      (start, events) => {
        let state = start;
        let open = 0;
        for (const [event, around] of events) {
          const outcome = next(state, event, around);
          if (outcome.refusal) continue;
          state = outcome.state;
          open += begins(outcome.effects) - ends(outcome.effects);
          expect(open).toBe(state.job ? 1 : 0);
          expect(faultsOf(state)).toEqual([]);
        }
      },
    ),
    { numRuns: 500 },
  );
});

describe('the usual ways', () => {
  test('an unlock boots the host, takes its configuration, and the next beat brings it into service', () => {
    const online = along(DECLARED, 'HEARD');
    const unlocking = go(online, { type: 'UNLOCK' });
    expect(unlocking.effects).toEqual([{ type: 'BEGIN', calls: [], orders: ['REBOOT'] }]);
    expect(unlocking.state).toMatchObject({
      administrative: 'UNLOCKED',
      operational: 'DISABLED',
      provisioning: 'PROVISIONING',
    });
    const late = along(unlocking.state, 'HEARD', 'SILENT', 'HEARD');
    expect(late.availability).toBe('OFFLINE');
    const booted = go(late, { type: 'BOOTED' });
    expect(booted.effects).toEqual([{ type: 'SETTLE_CONFIGURATION' }]);
    expect(booted.state).toMatchObject({ availability: 'INTEST', job: { step: 'TESTING' } });
    expect(along(booted.state, 'HEARD')).toMatchObject({
      availability: 'AVAILABLE',
      provisioning: 'PROVISIONED',
      job: null,
    });
  });

  test('an unlock with something pending has the agent configure the host before it boots it, if the agent is heard', () => {
    const around = { ...AROUND, configurationWaits: true };
    const orders = ['APPLY_CONFIGURATION', 'REBOOT'];
    const online = along(DECLARED, 'HEARD');
    for (const type of ['UNLOCK', 'FORCE_UNLOCK'] as const)
      expect(go(online, { type }, around).effects).toEqual([{ type: 'BEGIN', calls: [], orders }]);
    expect(go(DECLARED, { type: 'FORCE_UNLOCK' }, around).effects).toEqual([
      { type: 'BEGIN', calls: ['RESET'], orders: [] },
    ]);
    expect(go(online, { type: 'REBOOT' }, around).effects).toMatchObject([{ orders: ['REBOOT'] }]);
  });

  test('an agent that will not boot leaves the host locked, as it was', () => {
    const refused = along(DECLARED, 'HEARD', 'UNLOCK', 'TASK_FAILED', 'HEARD');
    expect(refused).toEqual({ ...DECLARED, availability: 'ONLINE' });
  });

  test('an unlock that does not come back is a failed host, which a boot mends and a beat does not', () => {
    const failed = along(DECLARED, 'HEARD', 'UNLOCK', 'TIMED_OUT');
    expect(failed).toMatchObject({ administrative: 'UNLOCKED', availability: 'FAILED', failure: 'r', job: null });
    expect(along(failed, 'HEARD')).toEqual(failed);
    expect(along(failed, 'BOOTED', 'HEARD')).toMatchObject({ availability: 'AVAILABLE', failure: null });
  });

  test('a lock empties the host first, and one that cannot be emptied stays in service', () => {
    const evacuating = along(IN_SERVICE, 'LOCK');
    expect(evacuating).toMatchObject({
      administrative: 'UNLOCKED',
      operational: 'ENABLED',
      job: { step: 'EVACUATING' },
    });
    expect(along(evacuating, 'EVACUATED')).toMatchObject({
      administrative: 'LOCKED',
      availability: 'ONLINE',
      job: null,
    });
    expect(along(evacuating, 'EVACUATION_FAILED')).toEqual(IN_SERVICE);
    expect(along(evacuating, 'TIMED_OUT')).toEqual(IN_SERVICE);
  });

  test('a silent host is OFFLINE and comes back with a beat; one that degrades stays degraded over beats', () => {
    expect(along(IN_SERVICE, 'SILENT')).toMatchObject({
      administrative: 'UNLOCKED',
      operational: 'DISABLED',
      availability: 'OFFLINE',
    });
    expect(along(IN_SERVICE, 'SILENT', 'HEARD')).toEqual(IN_SERVICE);
    const degraded = go(IN_SERVICE, { type: 'CONDITIONS', degraded: true }).state;
    expect(along(degraded, 'HEARD', 'SILENT', 'HEARD')).toMatchObject({ availability: 'DEGRADED' });
    expect(along(IN_SERVICE, 'LATE')).toMatchObject({ operational: 'ENABLED', availability: 'DEGRADED' });
    expect(along(IN_SERVICE, 'LATE', 'HEARD')).toEqual(IN_SERVICE);
  });

  test('a recovery ends in service, or leaves the host for the next attempt', () => {
    const lost = along(IN_SERVICE, 'SILENT');
    expect(along(lost, 'RECOVER_BY_REBOOT', 'BOOTED', 'HEARD')).toEqual(IN_SERVICE);
    expect(along(lost, 'RECOVER_BY_REBOOT', 'HEARD')).toEqual(IN_SERVICE);
    expect(along(lost, 'RECOVER_BY_REBOOT', 'TIMED_OUT')).toEqual(lost);
    expect(go(lost, { type: 'RECOVER_BY_RESET' }).effects).toEqual([{ type: 'BEGIN', calls: ['RESET'], orders: [] }]);
  });
});

describe('a command is refused', () => {
  const ONLINE: LifecycleState = { ...DECLARED, availability: 'ONLINE' };
  const LOST: LifecycleState = { ...IN_SERVICE, operational: 'DISABLED', availability: 'OFFLINE' };
  const controller = { personality: 'CONTROLLER', controllerRole: 'ACTIVE' } as const;
  const peer = { hostname: 'controller-1', enabled: true, degraded: false, busy: false, outOfDate: false };

  test.each<[string, LifecycleState, (typeof COMMANDS)[number], Partial<Surroundings>, string | null]>([
    ['lock of a locked host', ONLINE, 'LOCK', {}, 'HOST_LOCKED'],
    ['lock of the active controller', IN_SERVICE, 'LOCK', { ...controller, peer }, 'HOST_IS_ACTIVE_CONTROLLER'],
    ['nor by force', IN_SERVICE, 'FORCE_LOCK', { ...controller, peer }, 'HOST_IS_ACTIVE_CONTROLLER'],
    ['lock of the only controller', IN_SERVICE, 'LOCK', controller, 'HOST_IS_ACTIVE_CONTROLLER'],
    ['but not in a simplex region', IN_SERVICE, 'LOCK', { ...controller, simplex: true }, null],
    ['nor of the standby one', IN_SERVICE, 'LOCK', { ...controller, controllerRole: 'STANDBY', peer }, null],
    ['lock of what storage needs', IN_SERVICE, 'LOCK', { storageRefusal: 'It is needed.' }, 'HOST_NEEDED_BY_STORAGE'],
    ['nor by force', IN_SERVICE, 'FORCE_LOCK', { storageRefusal: 'It is needed.' }, 'HOST_NEEDED_BY_STORAGE'],
    ['but one that is out of service', LOST, 'LOCK', { storageRefusal: 'It is needed.' }, null],
    ['unlock of an unlocked host', IN_SERVICE, 'UNLOCK', {}, 'HOST_UNLOCKED'],
    ['unlock of a host without a role', ONLINE, 'UNLOCK', { personality: null }, 'HOST_INCOMPLETE'],
    ['unlock of a host without a name', ONLINE, 'FORCE_UNLOCK', { hostname: null }, 'HOST_INCOMPLETE'],
    ['unlock of a host without a MAC', ONLINE, 'UNLOCK', { managementMac: null }, 'HOST_INCOMPLETE'],
    ['unlock of a host that is not heard', DECLARED, 'UNLOCK', {}, 'HOST_OFFLINE'],
    ['but not by force', DECLARED, 'FORCE_UNLOCK', {}, null],
    ['unlock of a host that is off', { ...DECLARED, availability: 'POWER_OFF' }, 'UNLOCK', {}, 'HOST_POWERED_OFF'],
    [
      'unlock of what does not fit',
      ONLINE,
      'UNLOCK',
      { configurationRefusals: ['It cannot.'] },
      'CONFIGURATION_REFUSED',
    ],
    ['swact of a worker', IN_SERVICE, 'SWACT', {}, 'HOST_IS_NO_CONTROLLER'],
    [
      'swact of the standby',
      IN_SERVICE,
      'SWACT',
      { ...controller, controllerRole: 'STANDBY', peer },
      'HOST_IS_STANDBY_CONTROLLER',
    ],
    ['swact without a peer', IN_SERVICE, 'FORCE_SWACT', controller, 'PEER_NOT_READY'],
    [
      'swact to a locked peer',
      IN_SERVICE,
      'FORCE_SWACT',
      { ...controller, peer: { ...peer, enabled: false } },
      'PEER_NOT_READY',
    ],
    [
      'swact to a degraded peer',
      IN_SERVICE,
      'SWACT',
      { ...controller, peer: { ...peer, degraded: true } },
      'PEER_NOT_READY',
    ],
    ['but not by force', IN_SERVICE, 'FORCE_SWACT', { ...controller, peer: { ...peer, degraded: true } }, null],
    [
      'swact to a peer whose configuration waits',
      IN_SERVICE,
      'SWACT',
      { ...controller, peer: { ...peer, outOfDate: true } },
      'PEER_NOT_READY',
    ],
    ['but not one by force', IN_SERVICE, 'FORCE_SWACT', { ...controller, peer: { ...peer, outOfDate: true } }, null],
    [
      'swact to a peer that is being locked',
      IN_SERVICE,
      'FORCE_SWACT',
      { ...controller, peer: { ...peer, busy: true } },
      'PEER_NOT_READY',
    ],
    ['reboot of an unlocked host', IN_SERVICE, 'REBOOT', {}, 'HOST_UNLOCKED'],
    ['reboot of the region itself', ONLINE, 'REBOOT', { ...controller, simplex: true }, 'HOST_IS_SIMPLEX'],
    ['reboot of what nobody reaches', DECLARED, 'REBOOT', { powerRefusal: 'it has no BMC' }, 'HOST_OFFLINE'],
    ['reset without a BMC', ONLINE, 'RESET', { powerRefusal: 'it has no BMC' }, 'POWER_UNAVAILABLE'],
    ['power on of what runs', ONLINE, 'POWER_ON', {}, 'HOST_POWERED_ON'],
    ['power off of what is off', { ...DECLARED, availability: 'POWER_OFF' }, 'POWER_OFF', {}, 'HOST_POWERED_OFF'],
    ['reinstallation of an unlocked host', IN_SERVICE, 'REINSTALL', {}, 'HOST_UNLOCKED'],
    ['deletion of an unlocked host', IN_SERVICE, 'DELETE', {}, 'HOST_UNLOCKED'],
    ['deletion of the active controller', ONLINE, 'DELETE', controller, 'HOST_IS_ACTIVE_CONTROLLER'],
    ['anything while a job is open', along(ONLINE, 'REBOOT'), 'RESET', {}, 'HOST_BUSY'],
    ['recovery of a locked host', DECLARED, 'RECOVER_BY_REBOOT', {}, 'HOST_LOCKED'],
    ['recovery of a host in service', IN_SERVICE, 'RECOVER_BY_RESET', {}, 'HOST_IN_SERVICE'],
  ])('%s', (_, state, command, around, code) => {
    expect(refusal(state, command, around)?.code ?? null).toBe(code);
  });
});

describe('the active controller', () => {
  const controller = fc.record({
    operational: fc.constantFrom('ENABLED' as const, 'DISABLED' as const),
    activeController: fc.constantFrom(true, false, null),
  });

  test('is an enabled one whenever there is one, and stays while it is enabled', () => {
    fc.assert(
      fc.property(controller, controller, (a, b) => {
        const both = [
          { ...a, id: 'a' },
          { ...b, id: 'b', activeController: a.activeController === true ? false : b.activeController },
        ];
        const active = both.find(({ id }) => id === activeOf(both));
        const before = both.find(({ activeController }) => activeController === true);
        if (both.some(({ operational }) => operational === 'ENABLED')) expect(active?.operational).toBe('ENABLED');
        if (before && (before.operational === 'ENABLED' || active?.operational !== 'ENABLED'))
          expect(active).toBe(before);
      }),
    );
  });
});
