// The life of an alarm under any sequence of commands, against the smallest model that could be right.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCatalogue, SEVERITIES, type Severity } from '../../../subgraphs/catalogue/catalogue.ts';
import type { AlarmRow } from '../../../subgraphs/edge/faults/alarms/alarm.ts';
import {
  acknowledge,
  clear,
  comment,
  type Hiding,
  hide,
  mask,
  type Outcome,
  raise,
  stopFlapping,
  unacknowledge,
} from '../../../subgraphs/edge/faults/alarms/alarm-lifecycle.ts';
import { anAlarmRow } from '../../support/builders.ts';

const catalogue = readCatalogue();
const KEYS = ['host=compute-0', 'host=compute-1', 'subcloud=s1'];

/** Commands that nobody signs. */
const SILENT = new Set(['raise', 'clear', 'mask', 'unmask', 'calm']);

/** Commands that hide or show, by the flag they set and to what. */
const HIDES: Readonly<Record<string, readonly [Hiding, boolean]>> = {
  suppress: ['suppressed', true],
  unsuppress: ['suppressed', false],
  beginMaintenance: ['inMaintenance', true],
  endMaintenance: ['inMaintenance', false],
};

interface RaiseCommand {
  readonly name: 'raise';
  readonly key: string;
  readonly severity: Severity;
  readonly reasonText: string | null;
}
type Command =
  | RaiseCommand
  | {
      readonly name:
        | 'clear'
        | 'acknowledge'
        | 'unacknowledge'
        | 'comment'
        | 'suppress'
        | 'unsuppress'
        | 'beginMaintenance'
        | 'endMaintenance'
        | 'mask'
        | 'unmask'
        | 'calm';
      readonly key: string;
    };

const key = fc.constantFrom(...KEYS);
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    name: fc.constant('raise' as const),
    key,
    severity: fc.constantFrom(...SEVERITIES),
    reasonText: fc.constantFrom(null, 'hot', 'hotter'),
  }),
  fc.record({
    name: fc.constantFrom(
      'clear' as const,
      'acknowledge' as const,
      'unacknowledge' as const,
      'comment' as const,
      'suppress' as const,
      'unsuppress' as const,
      'beginMaintenance' as const,
      'endMaintenance' as const,
      'mask' as const,
      'unmask' as const,
      'calm' as const,
    ),
    key,
  }),
);

const hiddenAt = (n: number) => ({ suppressed: n % 3 === 0, inMaintenance: n % 4 === 0 });

function outcomeOf(known: AlarmRow | null, given: Command, n: number): Outcome {
  const at = new Date(1_700_000_000_000 + n).toISOString();
  if (given.name === 'clear') return clear(known, at);
  const note = { by: 'ada', comment: `seen ${n}` };
  if (given.name === 'acknowledge') return acknowledge(known, note, at);
  if (given.name === 'unacknowledge') return unacknowledge(known, note, at);
  if (given.name === 'comment') return comment(known, note, at);
  if (given.name === 'mask' || given.name === 'unmask') return mask(known, given.name === 'mask', at);
  const hiding = HIDES[given.name];
  if (hiding) return hide(known, ...hiding, note, at);
  if (given.name === 'calm') return stopFlapping(known, at);
  const { key: entityInstanceId, severity, reasonText } = given as RaiseCommand;
  const facts = catalogue.facts('100.101', severity);
  return raise(
    known,
    { alarmId: '100.101', entityInstanceId, severity, reasonText },
    { facts, newId: `id-${n}`, at, hidden: hiddenAt(n), masked: n % 5 === 0, flapping: n % 7 < 3 },
  );
}

/** What the table at the head of alarm-lifecycle.ts promises, said a second time. */
function promised(known: AlarmRow | null, given: Command): string {
  const state = known === null ? 'absent' : known.clearedAt === null ? 'open' : 'cleared';
  if (given.name !== 'raise' && state !== 'open') return state === 'absent' ? 'NOT_FOUND' : 'ALREADY_CLEARED';
  if (given.name === 'clear') return 'CLEARED';
  if (given.name === 'acknowledge') return 'ACKNOWLEDGED';
  if (given.name === 'comment') return 'COMMENTED';
  if (given.name === 'mask') return known?.masked ? 'UNCHANGED' : 'CHANGED';
  if (given.name === 'unmask') return known?.masked ? 'CHANGED' : 'UNCHANGED';
  const [flag, hidden] = HIDES[given.name] ?? [];
  if (flag) return known?.[flag] === hidden ? 'UNCHANGED' : hidden ? 'SUPPRESSED' : 'UNSUPPRESSED';
  if (given.name === 'calm') return known?.flapping ? 'CHANGED' : 'UNCHANGED';
  if (given.name === 'unacknowledge') return known?.acknowledgedAt ? 'UNACKNOWLEDGED' : 'NOT_ACKNOWLEDGED';
  if (state !== 'open') return 'RAISED';
  const { severity, reasonText } = given as RaiseCommand;
  const saysNews = severity !== known?.severity || (reasonText !== null && reasonText !== known?.reasonText);
  return saysNews ? 'CHANGED' : 'UNCHANGED';
}

describe('any sequence of commands', () => {
  test('is answered as the table says, with one open alarm a key at most and an id for as long as it is open', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), commands => {
        const newest = new Map<string, AlarmRow>();
        const usedIds = new Set<string>();
        for (const [n, given] of commands.entries()) {
          const known = newest.get(given.key) ?? null;
          const outcome = outcomeOf(known, given, n);
          expect(outcome.kind === 'REFUSED' ? outcome.error.code : outcome.kind).toBe(promised(known, given));
          if (outcome.kind === 'REFUSED') continue;
          if (outcome.kind === 'UNCHANGED') {
            expect(outcome.alarm).toBe(known);
            continue;
          }
          const { alarm } = outcome;
          if (outcome.kind === 'RAISED') expect(usedIds.has(alarm.id)).toBe(false);
          else expect(alarm).toMatchObject({ id: known?.id, raisedAt: known?.raisedAt });
          expect(alarm.entityInstanceId).toBe(given.key);
          expect(alarm.clearedAt !== null).toBe(outcome.kind === 'CLEARED');
          expect(alarm).toMatchObject(catalogue.facts(alarm.alarmId, alarm.severity));
          const [flag, hidden] = HIDES[given.name] ?? [];
          const before = { suppressed: known?.suppressed, inMaintenance: known?.inMaintenance };
          expect(alarm).toMatchObject(
            outcome.kind === 'RAISED' ? hiddenAt(n) : { ...before, ...(flag ? { [flag]: hidden } : {}) },
          );
          if (outcome.kind === 'RAISED') expect(alarm.flapping).toBe(n % 7 < 3);
          else expect(alarm.flapping).toBe(given.name === 'calm' ? false : known?.flapping);
          if (given.name === 'comment') expect(alarm).toEqual({ ...known, updatedAt: alarm.updatedAt });
          expect(outcome.note?.by).toBe(SILENT.has(given.name) ? undefined : 'ada');
          usedIds.add(alarm.id);
          newest.set(given.key, { ...alarm, sequence: String(n + 1) });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('never changes the alarm that it was given', () => {
    fc.assert(
      fc.property(command, fc.boolean(), fc.boolean(), (given, isCleared, isAcknowledged) => {
        const at = '2026-01-02T00:00:00.000Z';
        const known = anAlarmRow({ clearedAt: isCleared ? at : null, acknowledgedAt: isAcknowledged ? at : null });
        const before = structuredClone(known);
        outcomeOf(known, given, 7);
        expect(known).toEqual(before);
      }),
    );
  });
});

describe('an acknowledgement', () => {
  const severity = fc.constantFrom(...SEVERITIES);

  test('is lost exactly when the alarm gets worse', () => {
    fc.assert(
      fc.property(severity, severity, (from, to) => {
        const known = anAlarmRow({ severity: from, acknowledgedAt: '2026-01-02T00:00:00.000Z' });
        const given: Command = { name: 'raise', key: known.entityInstanceId, severity: to, reasonText: 'more' };
        const outcome = outcomeOf(known, given, 1);
        const kept = outcome.kind !== 'REFUSED' && outcome.alarm.acknowledgedAt !== null;
        expect(kept).toBe(SEVERITIES.indexOf(to) >= SEVERITIES.indexOf(from));
      }),
    );
  });
});
