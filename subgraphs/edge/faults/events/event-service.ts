// What can be done with events: report them. They are kept in the order given and numbered in a count of their own; nothing
// of them goes into the outbox.
import type { UserError } from '../../../../schema/errors.ts';
import type { Catalogue, Severity } from '../../../catalogue/catalogue.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { once } from '../../../runtime/idempotency.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import { entityTypeOf, hostnameOf, parseEntityInstance } from '../alarms/entity-instance.ts';
import type { DayLog } from '../history/day-log.ts';
import type { EventRow } from './event.ts';
import { eventChecks, ManyEventsChecks } from './event-input.ts';
import { insertEvents, takeNumbers } from './event-store.ts';

export interface ReportItem {
  readonly eventId: string;
  readonly severity?: Severity | null;
  readonly entityInstanceId: string;
  readonly reasonText?: string | null;
  readonly occurredAt?: Date | null;
}

interface Repeatable {
  readonly idempotencyKey?: string | null;
}

export interface ReportEventInput extends Repeatable, ReportItem {}

export interface ReportEventsInput extends Repeatable {
  readonly events: readonly ReportItem[];
}

export interface EventPayload {
  readonly event: EventRow | null;
  readonly userErrors: readonly UserError[];
}

export interface ManyEventsPayload {
  /** One for each item, in the order given. */
  readonly results: readonly EventPayload[];
  readonly userErrors: readonly UserError[];
}

export interface EventService {
  report(input: ReportEventInput): Promise<EventPayload>;
  reportAll(input: ReportEventsInput): Promise<ManyEventsPayload>;
  /** Within a transaction that is under way, as given: the caller has checked them. */
  reportIn(tx: OutboxTransaction, items: readonly ReportItem[]): Promise<void>;
  /** Makes the days ahead and drops what is over age or size. */
  sweep(): Promise<void>;
}

export interface EventServiceDeps {
  readonly outbox: Outbox;
  readonly catalogue: Catalogue;
  readonly days: DayLog;
  now(): Date;
  newId(): string;
}

export function eventService({ outbox, catalogue, days, now, newId }: EventServiceDeps): EventService {
  return {
    report: async input => {
      const wrong = inputErrors(eventChecks(catalogue, now()), input);
      if (wrong.length > 0) return refused(...wrong);
      return outbox.transaction(tx =>
        once(tx.sql, 'reportEvent', input.idempotencyKey, input, refused, async () => {
          const [event] = await keep(tx, [input]);
          return { event: event!, userErrors: [] };
        }),
      );
    },
    reportAll: async input => {
      const wrong = inputErrors(ManyEventsChecks, input);
      if (wrong.length > 0) return allRefused(...wrong);
      const checks = eventChecks(catalogue, now());
      const problems = input.events.map((item, i) => inputErrors(checks, item, ['input', 'events', String(i)]));
      return outbox.transaction(tx =>
        once(tx.sql, 'reportEvents', input.idempotencyKey, input, allRefused, async () => {
          const kept = await keep(
            tx,
            input.events.filter((_, i) => problems[i]!.length === 0),
          );
          let next = 0;
          const results = problems.map(errors =>
            errors.length > 0 ? refused(...errors) : { event: kept[next++]!, userErrors: [] },
          );
          return { results, userErrors: [] };
        }),
      );
    },
    reportIn: async (tx, items) => void (await keep(tx, items)),
    sweep: async () => {
      await days.makeAhead();
      await days.dropOld();
    },
  };

  async function keep(tx: OutboxTransaction, items: readonly ReportItem[]): Promise<EventRow[]> {
    if (items.length === 0) return [];
    await days.haveDay(tx);
    const before = BigInt(await takeNumbers(tx.sql, items.length));
    const events = items.map((item, i) => toRow(item, String(before + BigInt(i + 1)), tx.at));
    await insertEvents(tx.sql, events);
    return events;
  }

  function toRow(item: ReportItem, sequence: string, at: string): EventRow {
    const pairs = parseEntityInstance(item.entityInstanceId) ?? [];
    return {
      id: newId(),
      sequence,
      eventId: item.eventId,
      severity: item.severity ?? catalogue.find(item.eventId)?.severities[0] ?? null,
      entityTypeId: entityTypeOf(pairs),
      entityInstanceId: item.entityInstanceId,
      hostname: hostnameOf(pairs),
      reasonText: item.reasonText ?? null,
      occurredAt: item.occurredAt?.toISOString() ?? null,
      at,
    };
  }
}

const refused = (...userErrors: readonly UserError[]): EventPayload => ({ event: null, userErrors });

const allRefused = (...userErrors: readonly UserError[]): ManyEventsPayload => ({ results: [], userErrors });
