// What can be done with alarms. Each transition is stored, numbered, kept in the history and put into the
// outbox in one transaction.
import type { z } from 'zod';
import type { UserError } from '../../../../schema/errors.ts';
import type { Catalogue } from '../../../catalogue/catalogue.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { groupedBy } from '../../../runtime/connection.ts';
import { once } from '../../../runtime/idempotency.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { type FlappingSettings, isFlapping, lookBack } from '../detectors/flapping.ts';
import { findPastLives } from '../detectors/flapping-store.ts';
import { type Cover, hiddenBy } from '../hiding/cover.ts';
import { findInForce } from '../hiding/cover-store.ts';
import type { AlarmHistory } from '../history/alarm-history.ts';
import type { AlarmRow } from './alarm.ts';
import { carryOutAll } from './alarm-bulk.ts';
import {
  type ClearInput,
  type ClearPayload,
  keyText,
  type Many,
  type ManyPayload,
  type NoteInput,
  type RaiseInput,
  type RaiseItem,
  type Repeatable,
  toRaise,
} from './alarm-commands.ts';
import * as checks from './alarm-input.ts';
import {
  acknowledge,
  clear,
  comment,
  type Note,
  type Outcome,
  type Raise,
  raise,
  unacknowledge,
} from './alarm-lifecycle.ts';
import { type AlarmKey, findByIds, findNewest, findOpen, findOpenByHosts, findOpenFrom } from './alarm-store.ts';
import { type AlarmPayload, type AlarmWriter, alarmWriter, refused } from './alarm-writer.ts';
import { liesWithin } from './entity-instance.ts';
import { hostOf, INHIBITORS, isMasked } from './masking.ts';

export interface AlarmService {
  raise(input: RaiseInput): Promise<AlarmPayload>;
  raiseAll(input: Many<RaiseItem>): Promise<ManyPayload>;
  clear(input: ClearInput): Promise<ClearPayload>;
  clearAll(input: Many<AlarmKey>): Promise<ManyPayload>;
  acknowledge(id: string, input: NoteInput): Promise<AlarmPayload>;
  unacknowledge(id: string, input: NoteInput): Promise<AlarmPayload>;
  comment(id: string, input: NoteInput): Promise<AlarmPayload>;
  /**
   * Brings the open alarms with these keys to what is wanted: raised as given, or clear. One transaction, and none at
   * all when they are so already. Answers how many changed.
   */
  settle(wanted: readonly WantedAlarm[]): Promise<number>;
  /** As `settle`, within a transaction that is under way. Answers the alarms that are new. */
  settleIn(tx: OutboxTransaction, wanted: readonly WantedAlarm[]): Promise<AlarmRow[]>;
}

export interface WantedAlarm {
  readonly key: AlarmKey;
  /** Sees the open alarm, or null; null wants it clear, `'keep'` wants it as it is. */
  decide(open: AlarmRow | null): Raise | null | 'keep';
}

export interface AlarmServiceDeps {
  readonly sql: Sql;
  readonly outbox: Outbox;
  readonly catalogue: Catalogue;
  readonly history: Pick<AlarmHistory, 'append'>;
  readonly flapping: FlappingSettings;
  now(): Date;
  newId(): string;
}

export function alarmService({
  sql,
  outbox,
  catalogue,
  history,
  flapping,
  now,
  newId,
}: AlarmServiceDeps): AlarmService {
  const toRaiseChecks = checks.raiseChecks(catalogue);
  /** How to raise at this instant, while these covers are in force, these inhibiting alarms are open, and these keys flap. */
  const raising =
    (at: string, inForce: readonly Cover[], inhibitors: readonly AlarmRow[], flappers: ReadonlySet<string>) =>
    (known: AlarmRow | null, command: Raise): Outcome =>
      raise(known, command, {
        facts: catalogue.facts(command.alarmId, command.severity),
        newId: newId(),
        at,
        hidden: hiddenBy(inForce, command),
        masked: isMasked(inhibitors, command),
        flapping: flappers.has(keyText(command)),
      });
  const raisingIn = async (tx: OutboxTransaction, keys: readonly AlarmKey[]) => {
    if (keys.length === 0) return raising(tx.at, [], [], new Set());
    const [inForce, inhibitors, past] = await Promise.all([
      findInForce(tx.sql, distinct(keys.map(key => key.alarmId)), tx.at),
      findOpenByHosts(tx.sql, distinct(keys.flatMap(key => hostOf(key) ?? [])), INHIBITORS),
      findPastLives(tx.sql, keys, lookBack(tx.at, flapping), flapping.raises - 1),
    ]);
    const flappers = groupedBy(past, keyText).filter(lives => isFlapping(lives, tx.at, flapping));
    return raising(tx.at, inForce, inhibitors, new Set(flappers.map(([life]) => keyText(life!))));
  };

  /** Answers what changed. */
  const carryOut = async (tx: OutboxTransaction, all: readonly Want[]): Promise<Changed[]> => {
    const writer = alarmWriter(tx, history);
    const raised = all.filter(({ want }) => want !== null).map(({ key }) => key);
    const done: Changed[] = [];
    for (const outcome of changes(all, tx.at, await raisingIn(tx, raised))) {
      const { alarm } = writer.add(outcome);
      if (alarm) done.push({ kind: outcome.kind, alarm });
    }
    await writer.save();
    return done;
  };

  /** One transaction, once for each idempotencyKey. */
  const run = <I extends Repeatable, P extends { readonly userErrors: readonly UserError[] }>(
    operation: string,
    input: I,
    refusal: (...errors: readonly UserError[]) => P,
    wrong: readonly UserError[],
    work: (tx: OutboxTransaction, writer: AlarmWriter) => Promise<P>,
  ): Promise<P> => {
    if (wrong.length > 0) return Promise.resolve(refusal(...wrong));
    return outbox.transaction(tx =>
      once(tx.sql, operation, input.idempotencyKey, input, refusal, async () => {
        const writer = alarmWriter(tx, history);
        const payload = await work(tx, writer);
        await writer.save();
        return payload;
      }),
    );
  };

  /** A command on one alarm that a person names by id and adds a note to. */
  const noted =
    (operation: string, check: z.ZodType, decide: (known: AlarmRow | null, note: Note, at: string) => Outcome) =>
    (id: string, input: NoteInput): Promise<AlarmPayload> =>
      run(operation, { id, ...input }, refused, inputErrors(check, input), async (tx, writer) => {
        const [known] = await findByIds(tx.sql, [id]);
        return writer.add(decide(known ?? null, { by: input.by ?? null, comment: input.comment ?? null }, tx.at));
      });

  return {
    raise: input =>
      run('raiseAlarm', input, refused, inputErrors(toRaiseChecks, input), async (tx, writer) => {
        const [[open], raised] = await Promise.all([findOpen(tx.sql, [input]), raisingIn(tx, [input])]);
        return writer.add(raised(open ?? null, toRaise(input)));
      }),
    raiseAll: input =>
      run('raiseAlarms', input, allRefused, inputErrors(checks.ManyAlarmsChecks, input), async (tx, writer) => ({
        results: await carryOutAll({
          items: input.alarms,
          checks: toRaiseChecks,
          look: async sound => {
            const raised = await raisingIn(tx, sound);
            return { known: await findOpen(tx.sql, sound), decide: (known, item) => raised(known, toRaise(item)) };
          },
          writer,
        }),
        userErrors: [],
      })),
    clear: input =>
      run('clearAlarm', input, notCleared, inputErrors(checks.ClearAlarmChecks, input), async (tx, writer) => {
        const results = (await toClear(tx.sql, input)).map(known => writer.add(clear(known, tx.at)));
        return { ...results[0]!, cleared: results.filter(result => result.alarm !== null).length };
      }),
    clearAll: input =>
      run('clearAlarms', input, allRefused, inputErrors(checks.ManyAlarmsChecks, input), async (tx, writer) => ({
        results: await carryOutAll({
          items: input.alarms,
          checks: checks.AlarmKeyChecks,
          look: async sound => ({
            known: await findNewest(tx.sql, sound),
            decide: known => clear(known, tx.at),
          }),
          writer,
        }),
        userErrors: [],
      })),
    acknowledge: noted('acknowledgeAlarm', checks.AcknowledgeChecks, acknowledge),
    unacknowledge: noted('unacknowledgeAlarm', checks.AcknowledgeChecks, unacknowledge),
    comment: noted('commentAlarm', checks.CommentChecks, comment),
    settle: async all => {
      const wanted = lastOfEach(all);
      const keys = wanted.map(w => w.key);
      const head = await outbox.head(); // before the look
      const early = await findOpen(sql, keys);
      const at = now().toISOString();
      const raise = raising(at, [], [], new Set());
      if (changes(wants(wanted, early), at, raise).next().done) return 0; // the usual case takes no lock
      return outbox.transaction(async tx => {
        const open = tx.before === head.sequence ? early : await findOpen(tx.sql, keys);
        return (await carryOut(tx, wants(wanted, open))).length;
      });
    },
    settleIn: async (tx, all) => {
      const wanted = lastOfEach(all);
      const open = await findOpen(
        tx.sql,
        wanted.map(w => w.key),
      );
      const done = await carryOut(tx, wants(wanted, open));
      return done.filter(({ kind }) => kind === 'RAISED').map(({ alarm }) => alarm);
    },
  };
}

/** Of one key the last counts. */
const lastOfEach = (all: readonly WantedAlarm[]): WantedAlarm[] => [
  ...new Map(all.map(wanted => [keyText(wanted.key), wanted])).values(),
];

interface Changed {
  readonly kind: Outcome['kind'];
  readonly alarm: AlarmRow;
}

interface Want {
  readonly key: AlarmKey;
  readonly known: AlarmRow | null;
  /** Null: clear. */
  readonly want: Raise | null;
}

/** What is wanted of these open alarms; those that are to stay as they are left out. */
function wants(wanted: readonly WantedAlarm[], open: readonly AlarmRow[]): Want[] {
  const byKey = new Map(open.map(alarm => [keyText(alarm), alarm]));
  return wanted.flatMap(({ key, decide }) => {
    const known = byKey.get(keyText(key)) ?? null;
    const want = decide(known);
    return want === 'keep' || (want === null && known === null) ? [] : { key, known, want };
  });
}

/** What has to be done to have it so. */
function* changes(
  all: readonly Want[],
  at: string,
  raised: (known: AlarmRow | null, command: Raise) => Outcome,
): Generator<Outcome> {
  for (const { known, want } of all) {
    const outcome = want === null ? clear(known, at) : raised(known, want);
    if (outcome.kind !== 'UNCHANGED') yield outcome;
  }
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

const notCleared = (...userErrors: readonly UserError[]): ClearPayload => ({ alarm: null, cleared: 0, userErrors });

const allRefused = (...userErrors: readonly UserError[]): ManyPayload => ({ results: [], userErrors });

/** What a clear is about; one null when there is nothing: the lifecycle has the answer to that too. */
async function toClear(
  sql: Sql,
  { id, alarmId, entityInstanceId, hierarchical }: ClearInput,
): Promise<(AlarmRow | null)[]> {
  if (id) return [(await findByIds(sql, [id]))[0] ?? null];
  const key = { alarmId: alarmId ?? '', entityInstanceId: entityInstanceId ?? '' };
  const below = hierarchical ? await findOpenFrom(sql, key) : [];
  const within = below.filter(alarm => liesWithin(alarm.entityInstanceId, key.entityInstanceId));
  if (within.length > 0) return within;
  return [(await findNewest(sql, [key]))[0] ?? null];
}
