// What can be done with maintenance windows. Beginning or ending one, by hand or by time, is a change of every open alarm
// that it hides or shows, made in the same transaction.
import type { UserError } from '../../../../schema/errors.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { once } from '../../../runtime/idempotency.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';
import type { Note } from '../alarms/alarm-lifecycle.ts';
import { findOpenFromAny } from '../alarms/alarm-store.ts';
import { findInForce } from '../hiding/cover-store.ts';
import { rehide } from '../hiding/rehide.ts';
import type { AlarmHistory } from '../history/alarm-history.ts';
import { oldestKept, type Retention } from '../history/retention.ts';
import { beginOf, EndChecks, startChecks } from './maintenance-input.ts';
import * as store from './maintenance-store.ts';
import type { MaintenanceWindowRow } from './maintenance-window.ts';

export interface MaintenancePayload {
  readonly maintenanceWindow: MaintenanceWindowRow | null;
  /** Open alarms that it hid or showed. */
  readonly affected: number;
  readonly userErrors: readonly UserError[];
}

export interface StartMaintenanceInput {
  readonly entityPattern?: string | null;
  readonly from?: Date | null;
  readonly until: Date;
  readonly reason: string;
  readonly by?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface EndMaintenanceInput {
  readonly by?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface MaintenanceService {
  start(input: StartMaintenanceInput): Promise<MaintenancePayload>;
  /** By local id; a planned one never begins. */
  end(id: string, input: EndMaintenanceInput): Promise<MaintenancePayload>;
  /** Begins and ends what is due; answers how many windows that were. */
  turn(): Promise<number>;
  /** Forgets windows that ended before the history begins. */
  sweep(): Promise<void>;
}

export interface MaintenanceServiceDeps {
  readonly sql: Sql;
  readonly outbox: Outbox;
  readonly history: Pick<AlarmHistory, 'append'>;
  readonly retention: Retention;
  now(): Date;
  newId(): string;
}

const MOST_OPEN = 500; // planned and active: every raise looks at the active ones

export function maintenanceService(deps: MaintenanceServiceDeps): MaintenanceService {
  const { sql, outbox, history, retention, now, newId } = deps;
  return {
    start: async input => {
      const wrong = inputErrors(startChecks(now()), input);
      if (wrong.length > 0) return refused(...wrong);
      return outbox.transaction(tx =>
        once(tx.sql, 'startMaintenance', input.idempotencyKey, input, refused, () => start(tx, input)),
      );
    },
    end: async (id, input) => {
      const wrong = inputErrors(EndChecks, input);
      if (wrong.length > 0) return refused(...wrong);
      return outbox.transaction(tx =>
        once(tx.sql, 'endMaintenance', input.idempotencyKey, { id, ...input }, refused, () => end(tx, id, input)),
      );
    },
    turn: () =>
      outbox.transaction(async tx => {
        const due = await store.findDueWindows(tx.sql, tx.at);
        const idsOf = (windows: readonly MaintenanceWindowRow[]) => windows.map(({ id }) => id);
        await store.markBegun(tx.sql, idsOf(due.filter(({ until }) => until > tx.at)), tx.at);
        await store.markEnded(tx.sql, idsOf(due.filter(({ until }) => until <= tx.at)), tx.at, null);
        await settle(tx, due, OVER);
        return due.length;
      }),
    sweep: async () => {
      await store.forgetEnded(sql, oldestKept(now(), retention).toISOString());
    },
  };

  async function start(tx: OutboxTransaction, input: StartMaintenanceInput): Promise<MaintenancePayload> {
    if ((await store.countOpen(tx.sql)) >= MOST_OPEN) return TOO_MANY;
    const window = toRow(input, newId(), tx.at);
    await store.insertWindow(tx.sql, window);
    const affected = window.begunAt === null ? 0 : (await settle(tx, [window], OVER)).hidden;
    return { maintenanceWindow: window, affected, userErrors: [] };
  }

  async function end(tx: OutboxTransaction, id: string, input: EndMaintenanceInput): Promise<MaintenancePayload> {
    const window = await store.findById(tx.sql, id);
    if (window === null) return NOT_FOUND;
    if (window.endedAt !== null) return alreadyEnded(window.endedAt);
    const ended = { ...window, endedAt: tx.at, endedBy: input.by ?? null };
    await store.markEnded(tx.sql, [id], ended.endedAt, ended.endedBy);
    const { shown } = await settle(tx, [ended], { by: ended.endedBy, comment: null });
    return { maintenanceWindow: ended, affected: shown, userErrors: [] };
  }

  /** Hides and shows what these windows, which changed, and all others want. */
  async function settle(tx: OutboxTransaction, changed: readonly MaintenanceWindowRow[], ended: Note) {
    const places = changed.map(({ entityPattern }) => entityPattern);
    const open = await findOpenFromAny(tx.sql, places);
    const inForce = await findInForce(tx.sql, [], tx.at);
    return rehide(tx, history, { open, hides: 'inMaintenance', inForce, ended });
  }
}

function toRow(input: StartMaintenanceInput, id: string, at: string): MaintenanceWindowRow {
  const from = beginOf(input.from, new Date(at)).toISOString();
  return {
    id,
    entityPattern: input.entityPattern ?? null,
    from,
    until: input.until.toISOString(),
    reason: input.reason,
    by: input.by ?? null,
    at,
    begunAt: from === at ? at : null,
    endedAt: null,
    endedBy: null,
  };
}

const OVER: Note = { by: null, comment: 'The maintenance window is over.' };

const refused = (...userErrors: readonly UserError[]): MaintenancePayload => ({
  maintenanceWindow: null,
  affected: 0,
  userErrors,
});

const NOT_FOUND = refused({
  code: 'NOT_FOUND',
  message: 'The region has no such maintenance window.',
  path: ['input', 'id'],
});

const alreadyEnded = (endedAt: string): MaintenancePayload =>
  refused({
    code: 'ALREADY_ENDED',
    message: `The maintenance window was already over at ${endedAt}; nothing was changed.`,
    path: ['input', 'id'],
  });

const TOO_MANY = refused({
  code: 'LIMIT_REACHED',
  message: `The region has ${MOST_OPEN} planned and active maintenance windows, and takes no more: end some first.`,
  path: ['input'],
});
