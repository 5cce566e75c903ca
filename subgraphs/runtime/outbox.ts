// Every change of a subgraph is appended here in the transaction that makes it, numbered without gaps in commit order:
// the writer holds the head's row from its first statement to its commit, so no later number can commit earlier.
import { type DataSource, EntitySchema } from 'typeorm';
import { type FreshChanges, freshChanges, type WrittenChange } from './fresh-changes.ts';
import { one, rows, type Sql } from './sql.ts';
import { type Transaction, transaction } from './transaction.ts';

/** One change as it stands in the outbox and travels to followers. */
export interface Change {
  /** Position in the subgraph's own count, as text: it outgrows a double. */
  readonly sequence: string;
  readonly at: string;
  readonly kind: string;
  /** Local id of what changed. */
  readonly entityId: string;
  /** What changed, as the change left it. */
  readonly row: unknown;
}

export interface OutboxHead {
  /** Number of the last change. */
  readonly sequence: string;
  /** Made with the database: another epoch means that the count began anew. */
  readonly epoch: string;
}

/** The head, and where the kept part of the outbox begins. */
export interface KeptHead extends OutboxHead {
  /** Changes up to this number are no longer kept; 0 when all are. */
  readonly oldest: string;
}

export interface OutboxTransaction extends Pick<Transaction, 'later'> {
  readonly sql: Sql;
  /** When its changes are made: taken under the lock, so that later numbers have later times while the clock runs on. */
  readonly at: string;
  /** Number of the last change before this transaction: what was seen of the subgraph at that head still holds. */
  readonly before: string;
  /** Numbers a change and queues it for the end of the transaction. The row may carry its own number. */
  append(kind: string, entityId: string, row: (sequence: string) => unknown): string;
}

export interface Outbox {
  /** What this process committed last. */
  readonly fresh: FreshChanges;
  transaction<T>(work: (tx: OutboxTransaction) => Promise<T>): Promise<T>;
  head(): Promise<OutboxHead>;
  kept(): Promise<KeptHead>;
  /** Changes after a position, oldest first. */
  read(after: string, limit: number): Promise<Change[]>;
  /** One view of the subgraph's tables and its outbox at one head; one at a time: it holds a connection and old rows. */
  view<T>(work: (view: OutboxView) => Promise<T>): Promise<T>;
  /** Removes up to `limit` of the oldest changes that were made before an instant or are more than `keep`; answers how many. */
  prune(before: string, keep: number, limit: number): Promise<number>;
}

export interface OutboxView {
  readonly head: KeptHead;
  read(after: string, limit: number): Promise<Change[]>;
  /** The rows of a statement, a page at a time; only while the view is open. */
  pages<Row>(statement: string, size: number): AsyncGenerator<readonly Row[]>;
}

export interface OutboxDeps {
  readonly dataSource: DataSource;
  /** NOTIFY channel: only a hint that there is something to read. */
  readonly channel: string;
  now(): Date;
}

export const OutboxEntity = new EntitySchema<{
  sequence: string;
  at: Date;
  kind: string;
  entityId: string;
  row: unknown;
}>({
  name: 'Outbox',
  tableName: 'outbox',
  columns: {
    sequence: { type: 'bigint', primary: true, primaryKeyConstraintName: 'outbox_pk' },
    at: { type: 'timestamptz', precision: 3 },
    kind: { type: 'text' },
    entityId: { type: 'text', name: 'entity_id' },
    row: { type: 'json' }, // read as it was written, never into: taking it apart would cost every insert
  },
});

export const OutboxHeadEntity = new EntitySchema<{ one: boolean; sequence: string; epoch: string }>({
  name: 'OutboxHead',
  tableName: 'outbox_head',
  columns: {
    one: { type: 'boolean', primary: true, primaryKeyConstraintName: 'outbox_head_pk', default: true },
    sequence: { type: 'bigint' },
    epoch: { type: 'uuid', generated: 'uuid' },
  },
});

export function openOutbox({ dataSource, channel, now }: OutboxDeps): Outbox {
  let lastView: Promise<unknown> = Promise.resolve();
  const fresh = freshChanges();
  return {
    fresh,
    transaction: async work => {
      const { result, appended } = await transaction(dataSource, async tx => {
        const head = await one<OutboxHead>(tx, '/* outbox.lock */ select sequence, epoch from outbox_head for update');
        const before = head!.sequence;
        const pending: WrittenChange[] = [];
        let last = BigInt(before);
        const at = now().toISOString();
        const result = await work({
          sql: tx,
          later: tx.later,
          at,
          before,
          append: (kind, entityId, row) => {
            const sequence = String(++last);
            pending.push({ sequence, at, kind, entityId, row: JSON.stringify(row(sequence)) });
            return sequence;
          },
        });
        const appended = { before, last: String(last), at, pending };
        if (pending.length > 0) tx.later(store(tx, appended, channel));
        return { result, appended };
      });
      if (appended.pending.length > 0) fresh.add(appended.before, appended.pending);
      return result;
    },
    head: async () => (await one<OutboxHead>(dataSource, '/* outbox.head */ select sequence, epoch from outbox_head'))!,
    kept: () => keptHead(dataSource),
    read: (after, limit) => readAfter(dataSource, after, limit),
    view: work => {
      const open = () =>
        dataSource.transaction('REPEATABLE READ', async sql =>
          work({
            head: await keptHead(sql), // the first statement: it fixes what the view sees
            read: (after, limit) => readAfter(sql, after, limit),
            pages: (statement, size) => pagesOf(sql, statement, size),
          }),
        );
      const opened = lastView.then(open);
      lastView = opened.catch(() => undefined);
      return opened;
    },
    prune: async (before, keep, limit) => {
      const removed = await rows(
        dataSource,
        `/* outbox.prune */ with oldest as (
           select sequence, at < $1 or sequence <= (select sequence - $2 from outbox_head) as is_over
           from outbox order by sequence limit $3)
         delete from outbox where sequence < coalesce(
           (select min(sequence) from oldest where not is_over), (select max(sequence) + 1 from oldest)) returning 1`,
        [before, keep, limit],
      );
      return removed.length;
    },
  };
}

/** Where the kept part begins is read from the outbox itself: no row to keep, so pruning never waits for a writer. */
async function keptHead(sql: Sql): Promise<KeptHead> {
  const head = await one<KeptHead>(
    sql,
    `/* outbox.kept */ select sequence, epoch,
       coalesce((select o.sequence - 1 from outbox o order by o.sequence limit 1), sequence) as oldest from outbox_head`,
  );
  return head!;
}

const readAfter = (sql: Sql, after: string, limit: number): Promise<Change[]> =>
  rows<Change>(
    sql,
    `/* outbox.read */ select sequence, at, kind, entity_id as "entityId", "row"
     from outbox where sequence > $1 order by sequence limit $2`,
    [after, limit],
  );

async function* pagesOf<Row>(sql: Sql, statement: string, size: number): AsyncGenerator<readonly Row[]> {
  await rows(sql, `/* outbox.snapshot */ declare snapshot_rows no scroll cursor for ${statement}`);
  for (;;) {
    const page = await rows<Row>(sql, `/* outbox.page */ fetch ${size} from snapshot_rows`);
    if (page.length > 0) yield page;
    if (page.length < size) return;
  }
}

interface Appended {
  readonly before: string;
  readonly last: string;
  readonly at: string;
  /** In the order of their numbers. */
  readonly pending: readonly WrittenChange[];
}

/** The rows go as lines of one text: as an array they would be escaped, unescaped and copied once more. */
async function store(sql: Sql, { before, last, at, pending }: Appended, channel: string): Promise<void> {
  await rows(
    sql,
    `/* outbox.append */ with appended as (
       insert into outbox (sequence, at, kind, entity_id, "row")
       select $1::bigint + n, $2::timestamptz, kind, entity, line::json
       from rows from (unnest($3::text[]), unnest($4::text[]), string_to_table($5, E'\\n')) with ordinality
         as change (kind, entity, line, n)),
     advanced as (update outbox_head set sequence = $6::bigint)
     select pg_notify($7, $6::text)`,
    [
      before,
      at,
      pending.map(c => c.kind),
      pending.map(c => c.entityId),
      pending.map(c => c.row).join('\n'),
      last,
      channel,
    ],
  );
}
